import {expect, test} from 'vitest';
import type {Certificate, TimelineItem} from '../src/api/types';
import {timelineLayout, withIssuers} from '../src/overview/timelineLayout';

const NOW = new Date('2026-11-24T12:00:00Z');
const item = (notBefore: string, notAfter: string, chainEnds = notAfter): TimelineItem => ({
	certificate: 1, display_name: 'x', kind: 'end-entity', not_before: notBefore, not_after: notAfter, gateways: [], chain_ends_at: chainEnds,
});
const bar = (one: TimelineItem) => timelineLayout([one], NOW, 1, 30).bars[0];

test('what is older and ends later than the plot fills it', () => expect(bar(item('2020-01-01T00:00:00Z', '2040-01-01T00:00:00Z'))).toMatchObject({from: 0, to: 100, isBeyond: true}));
test('half a year from now lies past the middle, because a little of the past is shown', () => {
	const {to, isBeyond} = bar(item('2026-11-24T12:00:00Z', '2027-05-26T00:00:00Z'));
	expect(to).toBeGreaterThan(50);
	expect(to).toBeLessThan(60);
	expect(isBeyond).toBe(false);
});
test.each([
	['29 days left', '2026-12-23T12:00:00Z', true],
	['31 days left', '2026-12-25T12:00:00Z', false],
	['over', '2026-11-01T00:00:00Z', true],
])('isSoon: %s', (_name, notAfter, wanted) => expect(bar(item('2026-01-01T00:00:00Z', notAfter)).isSoon).toBe(wanted));
test('a chain that ends first is marked, one that ends with it is not', () => {
	expect(bar(item('2026-01-01T00:00:00Z', '2027-06-01T00:00:00Z', '2027-01-01T00:00:00Z')).chainEnds).not.toBeNull();
	expect(bar(item('2026-01-01T00:00:00Z', '2027-06-01T00:00:00Z')).chainEnds).toBeNull();
});
test.each([1, 2, 10] as const)('%d years: today and every tick are inside, in order', (years) => {
	const {today, ticks} = timelineLayout([], NOW, years, 30);
	expect(today).toBeGreaterThan(0);
	const places = ticks.map((tick) => tick.at);
	expect(places).toEqual([...places].sort((a, b) => a - b));
	expect(places.every((at) => at > 0 && at < 100)).toBe(true);
	expect(places.length).toBeGreaterThan(2);
});

test('every issuer is there once, what is revoked is not', () => {
	const known = {...item('2026-01-01T00:00:00Z', '2027-06-01T00:00:00Z'), certificate: 1};
	const certificate = (id: number, kind: string, status = 'valid') => ({id, kind, status, display_name: `c${id}`}) as Certificate;
	const all = withIssuers([known], [certificate(1, 'root'), certificate(2, 'root'), certificate(3, 'intermediate'), certificate(4, 'end-entity'), certificate(5, 'intermediate', 'revoked')]);
	expect(all.map((one) => one.certificate)).toEqual([1, 2, 3]);
});
