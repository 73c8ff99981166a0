import {call} from './client';
import {ApprovalNeeded, Problem, Unreachable} from './problem';

const SECRETS = new Set(['passphrase', 'password', 'key_passphrase', 'sudo_password']);
const NO_ANSWER = new Set([409, 502, 503, 504]);

/** The keys of calls whose answer has not come yet. */
const open = new Map<string, string>();

/** What makes two calls the same for the server: all of the body but its secrets, `key` only where it is the one of `ssh`. */
function nameOf(path: string, body: object): string {
	return path + JSON.stringify(body, function (this: object, name: string, value: unknown) {
		const isKeyFile = name === 'key' && 'auth' in this;
		return SECRETS.has(name) || isKeyFile ? undefined : value;
	});
}

function isSettled(error: unknown): boolean {
	if (error instanceof Problem) return !NO_ANSWER.has(error.status);
	return error instanceof ApprovalNeeded || !(error instanceof Unreachable);
}

/**
 * A call that creates. As long as no answer has come, the same call again has the same Idempotency-Key: a second click, or
 * another try after a lost connection, makes nothing twice and answers what the first one made.
 */
export async function createOnce<T>(path: string, body: object): Promise<T> {
	const name = nameOf(path, body);
	const key = open.get(name) ?? crypto.randomUUID();
	open.set(name, key);
	try {
		const made = await call<T>('POST', path, body, {headers: {'Idempotency-Key': key}});
		open.delete(name);
		return made;
	} catch (error) {
		if (isSettled(error)) open.delete(name);
		throw error;
	}
}
