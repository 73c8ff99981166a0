import {ApprovalNeeded, Problem, Unreachable} from './problem';
import type {Approval, Finding} from './types';

const BASE = '/api/v1/';
const PROBLEM_TYPE = 'urn:gatewright:problem:';

let csrfToken: string | null = null;
let askForLogin: (() => Promise<void>) | null = null;

/** The token of GET /session, sent with every changing call. */
export function setCsrfToken(token: string | null): void {
	csrfToken = token;
}

/** `ask` is called when the session has ended; what it returns settles once somebody has logged in again. */
export function onSessionEnd(ask: (() => Promise<void>) | null): void {
	askForLogin = ask;
}

interface CallOptions {
	signal?: AbortSignal;
	/** A 401 is this call's own answer, not the end of the session. */
	anonymous?: boolean;
}

export function call<T>(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<T> {
	return callForText(method, path, body, options).then((text) => (text ? (JSON.parse(text) as T) : (undefined as T)));
}

/** The answer as it is: for exports that are no single JSON value. */
export async function callForText(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<string> {
	let response = await send(method, path, body, options.signal);
	if (response.status === 401 && !options.anonymous && askForLogin) {
		await askForLogin();
		response = await send(method, path, body, options.signal);
	}
	const text = await response.text();
	if (!response.ok) throw problemOf(response, text);
	if (response.status === 202) throwIfApproval(text);
	return text;
}

async function send(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
	const headers: Record<string, string> = {Accept: 'application/json'};
	if (method !== 'GET') {
		headers['Content-Type'] = 'application/json';
		if (csrfToken) headers['X-CSRF-Token'] = csrfToken;
	}
	try {
		return await fetch(BASE + path, {
			method,
			headers,
			signal,
			credentials: 'same-origin',
			body: method === 'GET' ? undefined : JSON.stringify(body ?? {}),
		});
	} catch (error) {
		if (signal?.aborted) throw error;
		throw new Unreachable();
	}
}

interface ProblemBody {
	title?: string;
	detail?: string;
	type?: string;
	findings?: Finding[];
}

function problemOf(response: Response, text: string): Problem {
	let body: ProblemBody = {};
	try {
		body = JSON.parse(text) as ProblemBody;
	} catch {
		// a proxy in between answers in HTML; the status is all that is known
	}
	const retryAfter = Number(response.headers.get('Retry-After')) || null;
	const reason = body.type?.startsWith(PROBLEM_TYPE) ? body.type.slice(PROBLEM_TYPE.length) : null;
	return new Problem(response.status, body.title ?? response.statusText, body.detail ?? '', body.findings ?? [], reason, retryAfter);
}

function throwIfApproval(text: string): void {
	const body = JSON.parse(text) as Partial<Approval> & {approval?: Approval};
	if (body.approval) throw new ApprovalNeeded(body.approval);
	if (body.requested_by !== undefined) throw new ApprovalNeeded(body as Approval);
}

/** A path segment or a query value. */
export const quoted = encodeURIComponent;

export interface Page<T> {
	items: T[];
	next: string | null;
}

/** Every item of a list, page by page. */
export async function every<T>(path: string, signal?: AbortSignal): Promise<T[]> {
	const items: T[] = [];
	const join = path.includes('?') ? '&' : '?';
	let cursor: string | null = null;
	do {
		const page: Page<T> = await call<Page<T>>('GET', `${path}${join}limit=1000${cursor ? `&cursor=${quoted(cursor)}` : ''}`, undefined, {signal});
		items.push(...page.items);
		cursor = page.next;
	} while (cursor);
	return items;
}
