import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {call, every, onSessionEnd, setCsrfToken} from '../src/api/client';
import {ApprovalNeeded, Problem, sentenceOf, Unreachable} from '../src/api/problem';

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => new Response(status === 204 ? null : JSON.stringify(body), {status, headers});
const fetched = vi.fn<(path: string, init: RequestInit) => Promise<Response>>();

beforeEach(() => vi.stubGlobal('fetch', fetched.mockReset()));
afterEach(() => {
	setCsrfToken(null);
	onSessionEnd(null);
	vi.unstubAllGlobals();
});

const headersOf = (n: number) => fetched.mock.calls[n][1].headers as Record<string, string>;

test('a changing call carries the token, a reading one does not', async () => {
	setCsrfToken('token');
	fetched.mockImplementation(() => Promise.resolve(answer(200, {})));
	await call('GET', 'jobs');
	await call('POST', 'jobs/1/cancel');
	expect(headersOf(0)['X-CSRF-Token']).toBeUndefined();
	expect(headersOf(1)['X-CSRF-Token']).toBe('token');
	expect(fetched.mock.calls[1][1].body).toBe('{}');
});

test('a problem is an error with its findings', async () => {
	const findings = [{id: 'names-empty', severity: 'blocker', field: 'names', text: 'x'}];
	fetched.mockResolvedValue(answer(422, {title: 'Unprocessable Content', detail: 'refused', findings}));
	const error = await call('POST', 'certificates', {}).catch((e: unknown) => e);
	expect(error).toBeInstanceOf(Problem);
	expect(error).toMatchObject({status: 422, detail: 'refused', findings});
});

test('an answer that is no JSON is a problem with its status', async () => {
	fetched.mockResolvedValue(new Response('<html>', {status: 502, statusText: 'Bad Gateway'}));
	await expect(call('GET', 'jobs')).rejects.toMatchObject({status: 502, title: 'Bad Gateway'});
});

test('no answer at all', async () => {
	fetched.mockRejectedValue(new TypeError('network'));
	await expect(call('GET', 'jobs')).rejects.toBeInstanceOf(Unreachable);
});

test('a session that has ended: the call goes on after the log-in, with the new token', async () => {
	setCsrfToken('old');
	fetched.mockResolvedValueOnce(answer(401, {})).mockResolvedValueOnce(answer(200, {id: 7}));
	onSessionEnd(() => {
		setCsrfToken('new');
		return Promise.resolve();
	});
	await expect(call('POST', 'certificates', {a: 1})).resolves.toEqual({id: 7});
	expect(headersOf(1)['X-CSRF-Token']).toBe('new');
	expect(fetched.mock.calls[1][1].body).toBe('{"a":1}');
});

test('a wrong password is not the end of a session', async () => {
	const asked = vi.fn();
	onSessionEnd(asked);
	fetched.mockResolvedValue(answer(401, {type: 'urn:gatewright:problem:credentials'}));
	await expect(call('POST', 'session', {}, {anonymous: true})).rejects.toMatchObject({reason: 'credentials'});
	expect(asked).not.toHaveBeenCalled();
});

test('an approval that is waited for', async () => {
	fetched.mockResolvedValue(answer(202, {id: 3, requested_by: 'ada', summary: 'export'}));
	await expect(call('POST', 'certificates/1/export')).rejects.toBeInstanceOf(ApprovalNeeded);
});

test('a job that was started is no approval', async () => {
	fetched.mockResolvedValue(answer(202, {id: 3, kind: 'update'}));
	await expect(call('POST', 'gateways/a/keystore-updates')).resolves.toEqual({id: 3, kind: 'update'});
});

test('every page of a list', async () => {
	fetched.mockResolvedValueOnce(answer(200, {items: [1], next: 'a b'})).mockResolvedValueOnce(answer(200, {items: [2], next: null}));
	await expect(every('certificates?order=tree')).resolves.toEqual([1, 2]);
	expect(fetched.mock.calls.map(([path]) => path)).toEqual(['/api/v1/certificates?order=tree&limit=1000', '/api/v1/certificates?order=tree&limit=1000&cursor=a%20b']);
});

test('sentenceOf', () => {
	expect(sentenceOf(new Error('want a name, got none'))).toBe('Want a name, got none.');
	expect(sentenceOf('Done.')).toBe('Done.');
});
