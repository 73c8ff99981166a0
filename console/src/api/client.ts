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
	headers?: Record<string, string>;
}

const etags = new WeakMap<object, string>();

export async function call<T>(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<T> {
	const response = await open(method, path, body, options);
	const text = await textOf(response);
	if (!text) return undefined as T;
	const answer = JSON.parse(text) as T;
	const etag = response.headers.get('ETag');
	if (etag) etags.set(answer as object, etag);
	return answer;
}

/** The headers of a change of what `seen` was: refused with 412 when somebody else changed it since. `seen` is an answer itself, no copy. */
export function ifUnchanged(seen: object): CallOptions {
	const etag = etags.get(seen);
	return etag ? {headers: {'If-Match': etag}} : {};
}

/** The answer as it is: for exports that are no single JSON value. */
export const callForText = (method: string, path: string): Promise<string> => open(method, path).then(textOf);

/** The answer of the server, after a log-in where one is needed; a refusal is thrown. Its body is still to be read. */
export async function open(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Response> {
	const response = await send(method, path, body, options);
	if (response.ok) return response;
	const problem = problemOf(response, await textOf(response));
	if (!isSessionOver(problem) || options.anonymous || !askForLogin) throw problem;
	await askForLogin();
	const again = await send(method, path, body, options);
	if (!again.ok) throw problemOf(again, await textOf(again));
	return again;
}

/** A 401 that says something else is about what was typed: a password, or a code of the second factor. */
const isSessionOver = ({status, reason}: Problem): boolean => status === 401 && (reason === null || reason === 'sign-in');

async function textOf(response: Response): Promise<string> {
	const text = await response.text().catch(() => {
		throw new Unreachable(); // the connection broke in the middle of the answer
	});
	if (response.status === 202) throwIfApproval(text);
	return text;
}

async function send(method: string, path: string, body: unknown, {signal, headers: extra}: CallOptions): Promise<Response> {
	const headers: Record<string, string> = {Accept: 'application/json', ...extra};
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

const PAGE_MAX = 1000;

/** The first `n` items of a list, or a few more. A page may be short though more follow. */
export async function first<T>(path: string, n: number, signal?: AbortSignal): Promise<Page<T>> {
	const items: T[] = [];
	const join = path.includes('?') ? '&' : '?';
	let next: string | null = null;
	do {
		const limit = Math.min(PAGE_MAX, n);
		const page: Page<T> = await call<Page<T>>('GET', `${path}${join}limit=${limit}${next ? `&cursor=${quoted(next)}` : ''}`, undefined, {signal});
		items.push(...page.items);
		next = page.next;
	} while (next && items.length < n);
	return {items, next};
}

/** Every item of a list that stays short. */
export const every = <T>(path: string, signal?: AbortSignal) => first<T>(path, Infinity, signal).then((page) => page.items);
