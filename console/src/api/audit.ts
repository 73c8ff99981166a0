import {call, callForText, quoted, type Page} from './client';
import type {AuditEvent, AuditVerification} from './types';

export interface AuditFilter {
	actor?: string;
	action?: string;
	object?: string;
	outcome?: string;
	after?: string;
	before?: string;
}

export const listAudit = (filter: AuditFilter, cursor: string | null, signal?: AbortSignal) => {
	const words = Object.entries({...filter, cursor}).filter(([, value]) => value).map(([key, value]) => `${key}=${quoted(value as string)}`);
	return call<Page<AuditEvent>>('GET', `audit-events?${['limit=50', ...words].join('&')}`, undefined, {signal});
};
export const verifyAudit = () => call<AuditVerification>('POST', 'audit-verification');

/** Everything, as JSON lines: asked for from the event behind the last one until nothing more comes. */
export async function exportAudit(): Promise<string> {
	let all = '';
	for (let from = 1; ; ) {
		const part = await callForText('GET', `audit-export?from=${from}`);
		const next = lastNumberOf(part) + 1;
		if (next <= from) return all;
		all += part;
		from = next;
	}
}

/** The number of the last event in JSON lines; heads stand between the events. */
function lastNumberOf(lines: string): number {
	const numbers = lines.split('\n').filter((line) => line !== '').map((line) => (JSON.parse(line) as {n?: number}).n ?? 0);
	return numbers.reduce((most, n) => Math.max(most, n), 0);
}
