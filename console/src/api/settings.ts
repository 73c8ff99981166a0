import {call, every, ifUnchanged} from './client';
import type {Approval, ConsoleCertificate, Settings} from './types';

export const getSettings = (signal?: AbortSignal) => call<Settings>('GET', 'settings', undefined, {signal});
export const changeSettings = (seen: Settings, change: Partial<Settings>) => call<Settings>('PATCH', 'settings', change, ifUnchanged(seen));
export const listApprovals = (signal?: AbortSignal) => every<Approval>('approvals', signal);
export const decideApproval = (id: number, decision: 'grant' | 'refuse') => call<Approval>('POST', `approvals/${id}/${decision}`);
export const getConsoleCertificate = (signal?: AbortSignal) => call<ConsoleCertificate>('GET', 'console-certificate', undefined, {signal});
export const setConsoleCertificate = (certificate: number, force: boolean) =>
	call<ConsoleCertificate>('PUT', 'console-certificate', {certificate, force_warnings: force});
