import type {Certificate, TimelineItem} from '../api/types';

const DAY_MS = 86400000;
const PAST_SHARE = 0.08;

/** What is in use, and every root and intermediate besides. */
export function withIssuers(items: TimelineItem[], certificates: Certificate[]): TimelineItem[] {
	const known = new Set(items.map((item) => item.certificate));
	const issuers = certificates.filter((c) => c.kind !== 'end-entity' && c.status !== 'revoked' && !known.has(c.id));
	return [
		...items,
		...issuers.map((c) => ({certificate: c.id, display_name: c.display_name, kind: c.kind, not_before: c.not_before, not_after: c.not_after, gateways: [], chain_ends_at: c.not_after})),
	];
}

export interface TimelineBar {
	item: TimelineItem;
	/** From 0 to 100 of the plot's width. */
	from: number;
	to: number;
	/** Where the chain above ends, when that is before the certificate does. */
	chainEnds: number | null;
	isSoon: boolean;
	/** It ends later than the plot. */
	isBeyond: boolean;
}

export interface Timeline {
	bars: TimelineBar[];
	today: number;
	ticks: {at: number; time: Date}[];
}

export type Span = 1 | 2 | 10;

/** Where everything lies when the plot shows `years` from today, and a little of the past. */
export function timelineLayout(items: TimelineItem[], now: Date, years: Span, soonDays: number): Timeline {
	const length = years * 365.25 * DAY_MS;
	const start = now.getTime() - length * PAST_SHARE;
	const whole = length * (1 + PAST_SHARE);
	const at = (time: number) => Math.min(100, Math.max(0, ((time - start) / whole) * 100));
	const bars = items.map((item) => {
		const end = Date.parse(item.not_after);
		const chain = Date.parse(item.chain_ends_at);
		return {
			item,
			from: at(Date.parse(item.not_before)),
			to: at(end),
			chainEnds: chain < end ? at(chain) : null,
			isBeyond: at(end) === 100,
			isSoon: end - now.getTime() < soonDays * DAY_MS,
		};
	});
	return {bars, today: at(now.getTime()), ticks: ticksOf(new Date(start), new Date(start + whole), years).map((time) => ({at: at(time.getTime()), time}))};
}

/** The first of a month, every so many months. */
function ticksOf(start: Date, end: Date, years: Span): Date[] {
	const step = {1: 3, 2: 6, 10: 24}[years];
	const ticks: Date[] = [];
	const first = new Date(start.getFullYear(), 0, 1);
	for (let tick = first; tick < end; tick = new Date(tick.getFullYear(), tick.getMonth() + step, 1)) if (tick > start) ticks.push(tick);
	return ticks;
}
