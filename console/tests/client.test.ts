import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {call, every, ifUnchanged, onSessionEnd, setCsrfToken} from '../src/api/client';
import {followJob} from '../src/api/jobs';
import {createOnce} from '../src/api/once';
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

test.each([
	['a log-in', 'session', 'credentials', {anonymous: true}],
	['a wrong password of somebody who is logged in', 'session/password', 'credentials', {}],
	['a wrong code of somebody who is logged in', 'session/totp/remove', 'code-wrong', {}],
])('not the end of a session: %s', async (_name, path, reason, options) => {
	const asked = vi.fn();
	onSessionEnd(asked);
	fetched.mockResolvedValue(answer(401, {type: `urn:gatewright:problem:${reason}`}));
	await expect(call('POST', path, {}, options)).rejects.toMatchObject({reason});
	expect(asked).not.toHaveBeenCalled();
});

test('the end of a session by its name', async () => {
	fetched.mockResolvedValueOnce(answer(401, {type: 'urn:gatewright:problem:sign-in'})).mockResolvedValueOnce(answer(200, {id: 7}));
	onSessionEnd(() => Promise.resolve());
	await expect(call('GET', 'jobs')).resolves.toEqual({id: 7});
});

test('an approval that is waited for', async () => {
	fetched.mockResolvedValue(answer(202, {id: 3, requested_by: 'ada', summary: 'export'}));
	await expect(call('POST', 'certificates/1/export')).rejects.toBeInstanceOf(ApprovalNeeded);
});

test('a job that was started is no approval', async () => {
	fetched.mockResolvedValue(answer(202, {id: 3, kind: 'update'}));
	await expect(call('POST', 'gateways/a/keystore-updates')).resolves.toEqual({id: 3, kind: 'update'});
});

test('a change names what was seen; a copy of it, or a list, has nothing to name', async () => {
	fetched.mockResolvedValueOnce(answer(200, {name: 'a'}, {ETag: '"1"'})).mockResolvedValue(answer(200, {}));
	const seen = await call<object>('GET', 'gateways/a');
	await call('PATCH', 'gateways/a', {}, ifUnchanged(seen));
	expect(headersOf(1)['If-Match']).toBe('"1"');
	expect(ifUnchanged({...seen})).toEqual({});
});

test.each([
	['after no answer the key stays', () => Promise.reject(new TypeError('network')), true],
	['an answer cut off', () => Promise.resolve({ok: true, status: 201, text: () => Promise.reject(new TypeError('cut'))} as Response), true],
	['the first one is still under way', () => Promise.resolve(answer(409, {detail: 'under way'})), true],
	['a proxy without its server', () => Promise.resolve(answer(502, {})), true],
	['made: another one is another one', () => Promise.resolve(answer(201, {id: 1})), false],
	['refused', () => Promise.resolve(answer(422, {detail: 'no'})), false],
	['waits for a second person', () => Promise.resolve(answer(202, {approval: {id: 1, summary: 'x'}})), false],
] as [string, () => Promise<Response>, boolean][])('createOnce: %s', async (name, first, isSame) => {
	fetched.mockImplementationOnce(first).mockImplementation(() => Promise.resolve(answer(201, {id: 2})));
	await createOnce(`certificates/${name}`, {display_name: 'a', key: 'ec-p256'}).catch(() => undefined);
	await createOnce(`certificates/${name}`, {display_name: 'a', key: 'ec-p256'});
	expect(headersOf(1)['Idempotency-Key'] === headersOf(0)['Idempotency-Key']).toBe(isSame);
});

test('createOnce: another body is another call; another password is the same', async () => {
	fetched.mockRejectedValue(new TypeError('network'));
	const make = (body: object) => createOnce('gateways/x/keystore-updates', body).catch(() => undefined);
	await make({certificate: 1, ssh: {auth: 'key', key: 'secret', user: 'root'}});
	await make({certificate: 1, ssh: {auth: 'key', key: 'typed again', user: 'root'}});
	await make({certificate: 2, ssh: {auth: 'key', key: 'secret', user: 'root'}});
	const keys = [0, 1, 2].map((n) => headersOf(n)['Idempotency-Key']);
	expect(keys[1]).toBe(keys[0]);
	expect(keys[2]).not.toBe(keys[0]);
});

test('createOnce: two clicks at once have one key', async () => {
	fetched.mockImplementation(() => Promise.resolve(answer(201, {id: 1})));
	await Promise.all([createOnce('gateways', {name: 'twice'}), createOnce('gateways', {name: 'twice'})]);
	expect(headersOf(1)['Idempotency-Key']).toBe(headersOf(0)['Idempotency-Key']);
});

test('a job is followed on behind the last event that came', async () => {
	const step = (n: number) => `id: ${n}\nevent: step\ndata: {"n":${n}}\n\n`;
	const job = (id: number, done: boolean) => `id: ${id}\nevent: job\ndata: {"done":${done}}\n\n`;
	const stream = (text: string) => Promise.resolve(new Response(text, {status: 200}));
	fetched.mockImplementationOnce(() => stream(`: alive\n\n${step(1)}${step(2)}${job(2, false)}id: 3\neve`)).mockImplementationOnce(() => stream(step(3) + job(4, true)));
	vi.useFakeTimers();
	const seen: string[] = [];
	const ended = new Promise<void>((go) => {
		followJob(7, {
			onStep: (one) => seen.push(`step ${one.n}`),
			onJob: (one) => {
				seen.push(`job ${one.done}`);
				if (one.done) go();
			},
			onLost: (isLost) => seen.push(isLost ? 'lost' : 'there'),
		});
	});
	await vi.advanceTimersByTimeAsync(5000);
	await ended;
	vi.useRealTimers();
	expect(seen).toEqual(['there', 'step 1', 'step 2', 'job false', 'lost', 'there', 'step 3', 'job true']);
	expect(fetched).toHaveBeenCalledTimes(2);
	expect(headersOf(0)['Last-Event-ID']).toBeUndefined();
	expect(headersOf(1)['Last-Event-ID']).toBe('2');
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
