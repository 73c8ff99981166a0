import type {AuditFilter} from '../api/audit';
import type {TextKey} from '../i18n/catalogue';
import {en} from '../i18n/en';
import {endOfLocalDay} from '../parts/days';

export const NO_FILTER = {actor: '', action: '', object: '', outcome: '', after: '', before: ''};

const PREFIX = 'auditAction.';
/** Actors that are no user, so that what is typed is meant as it stands. */
const NO_USERS = ['system', 'nobody'];

/** Every action that the audit log knows, as the server calls it. */
export const ACTIONS = Object.keys(en).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));

/** The words for an action; none for one that a newer server writes. */
export function actionKey(action: string): TextKey | null {
	const key = `auditAction.${action}`;
	return Object.hasOwn(en, key) ? (key as TextKey) : null;
}

/** Whom the log means: a bare name is a user's. */
export function actorOf(typed: string): string {
	const name = typed.trim();
	return name === '' || name.includes(':') || NO_USERS.includes(name) ? name : `user:${name}`;
}

export function filterOf(form: typeof NO_FILTER): AuditFilter {
	return {
		...form,
		actor: actorOf(form.actor),
		object: form.object.trim(),
		after: form.after && new Date(`${form.after}T00:00:00`).toISOString().replace('.000Z', 'Z'),
		before: form.before && endOfLocalDay(form.before),
	};
}
