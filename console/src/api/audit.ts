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
export const exportAudit = () => callForText('GET', 'audit-export');
