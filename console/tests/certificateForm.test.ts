import {describe, expect, test} from 'vitest';
import type {Certificate, CertificateRequest, Finding} from '../src/api/types';
import {defaultDay, emptyForm, findingsByField, proposedIssuer, renewalForm, requestOf, type FormField} from '../src/certificates/formRules';
import {endOfLocalDay, localDay, yearsFrom} from '../src/parts/days';

const NOW = new Date(2026, 10, 24, 12, 0, 0);
const issuer = (notAfter: string): Certificate => ({id: 4, not_after: notAfter, organization: 'Example GmbH', locality: 'Bremen', country: 'DE'}) as Certificate;

describe('defaultDay', () => {
	test.each([
		['a root: ten years', 'root', undefined, '2036-11-24'],
		['an intermediate: five years', 'intermediate', undefined, '2031-11-24'],
		['an end entity: one year', 'end-entity', undefined, '2027-11-24'],
		['the issuer lives longer', 'end-entity', issuer('2036-11-24T23:59:59Z'), '2027-11-24'],
		['the issuer ends first, with its day', 'end-entity', issuer(endOfLocalDay('2027-03-01')), '2027-03-01'],
		['the issuer ends first, within its day', 'end-entity', issuer(new Date(2027, 2, 1, 12).toISOString()), '2027-02-28'],
	] as const)('%s', (_name, kind, above, wanted) => {
		const day = defaultDay(kind, above, NOW);
		expect(day).toBe(wanted);
		if (above) expect(Date.parse(endOfLocalDay(day))).toBeLessThanOrEqual(Date.parse(above.not_after));
	});
});

describe('proposedIssuer', () => {
	const one = (id: number, has_key: boolean, status: string) => ({id, has_key, status}) as Certificate;
	const served = {id: 9, path: [7, 8]} as Certificate;
	test.each([
		['the newest', [1, 2, 3], undefined, 3],
		['not the console\'s own root', [1, 7], served, 1],
		['not the console\'s own intermediate', [8, 2], served, 2],
		['the console\'s own when there is no other', [7], served, 7],
		['none', [], served, undefined],
	] as const)('%s', (_name, ids, own, wanted) => {
		expect(proposedIssuer(ids.map((id) => one(id, true, 'valid')), own)?.id).toBe(wanted);
	});
	test('who has no key or no time left is not asked', () => {
		expect(proposedIssuer([one(1, true, 'valid'), one(2, true, 'expired'), one(3, false, 'valid'), one(4, true, 'revoked')], undefined)?.id).toBe(1);
	});
});

describe('days', () => {
	test('the end of a local day is in that day, one second before the next', () => {
		const end = new Date(endOfLocalDay('2026-11-24'));
		expect(localDay(end)).toBe('2026-11-24');
		expect(localDay(new Date(end.getTime() + 1000))).toBe('2026-11-25');
	});
	test('a time has no fraction', () => expect(endOfLocalDay('2026-11-24')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:59Z$/));
	test('a leap day goes to the first of March', () => expect(localDay(yearsFrom(new Date(2028, 1, 29), 1))).toBe('2029-03-01'));
});

describe('requestOf', () => {
	test('an end entity: what is empty is null, spaces are gone, the country in capitals', () => {
		const form = {...emptyForm('end-entity', issuer('2036-11-24T23:59:59Z'), NOW), display_name: ' Gateway 1 ', names: 'a;b', country: 'us', holder: ' '};
		expect(requestOf(form, null)).toEqual({
			kind: 'end-entity', issuer: 4, display_name: 'Gateway 1', holder: null, organization: 'Example GmbH', locality: 'Bremen', country: 'US',
			names: 'a;b', not_after: endOfLocalDay('2027-11-24'), key: 'ec-p256',
		});
	});
	test('a root has no issuer and no names', () => {
		const request = requestOf({...emptyForm('root', undefined, NOW), display_name: 'Root', names: 'left from before'}, null);
		expect(request).not.toHaveProperty('issuer');
		expect(request).not.toHaveProperty('names');
	});
	test('a CA certificate has no names, but an issuer', () => {
		const request = requestOf({...emptyForm('intermediate', issuer('2036-11-24T23:59:59Z'), NOW), names: 'x'}, null);
		expect(request).not.toHaveProperty('names');
		expect(request.issuer).toBe(4);
	});
	test.each([
		['an end entity has none', 'end-entity', '3', undefined],
		['an empty one is the default', 'intermediate', '', -1],
		['zero is a number', 'intermediate', '0', 0],
		['of a root', 'root', '2', 2],
	] as const)('path length: %s', (_name, kind, path_len, wanted) => {
		expect(requestOf({...emptyForm(kind, undefined, NOW), path_len}, null).path_len).toBe(wanted);
	});
	test('the path length of a predecessor is prefilled, its default as nothing', () => {
		const prefill: CertificateRequest = {kind: 'intermediate', issuer: 4, display_name: 'CA', renews: 7, path_len: 1};
		expect(renewalForm(prefill, undefined, NOW).path_len).toBe('1');
		expect(renewalForm({...prefill, path_len: -1}, undefined, NOW).path_len).toBe('');
	});
	test('a renewal names what it renews, and an emptied field stays empty', () => {
		const prefill: CertificateRequest = {kind: 'end-entity', issuer: 4, display_name: 'Gateway 1', holder: 'Ada', names: 'a', renews: 7, key: 'rsa-2048'};
		const form = {...renewalForm(prefill, issuer('2036-11-24T23:59:59Z'), NOW), holder: ''};
		expect(requestOf(form, prefill)).toMatchObject({renews: 7, holder: null, key: 'rsa-2048', names: 'a'});
	});
});

describe('findingsByField', () => {
	const finding = (field: string, severity: Finding['severity']): Finding => ({id: `${field}-${severity}`, severity, field, text: 'x'});
	const ids = (found: Finding[]) => found.map((one) => one.id);
	const all = [finding('names', 'blocker'), finding('country', 'note'), finding('', 'warning'), finding('', 'blocker'), finding('version', 'blocker')];
	test.each([
		['a field that nobody touched is not blamed', [], false, [], ['country-note'], ['-warning']],
		['a touched one is', ['names'], false, ['names-blocker'], ['country-note'], ['-warning']],
		['after sending all are', [], true, ['names-blocker'], ['country-note'], ['-warning', '-blocker', 'version-blocker']],
	] as [string, FormField[], boolean, string[], string[], string[]][])('%s', (_name, touched, isSent, names, country, rest) => {
		const found = findingsByField(all, new Set(touched), isSent);
		expect(ids(found.of('names'))).toEqual(names);
		expect(ids(found.of('country'))).toEqual(country);
		expect(ids(found.rest)).toEqual(rest);
	});
});
