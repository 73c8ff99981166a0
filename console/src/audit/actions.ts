import {en} from '../i18n/en';
import type {TextKey} from '../i18n/catalogue';

const PREFIX = 'auditAction.';

/** The actions of schema/audit.def that have words, sorted. */
export const ACTIONS = Object.keys(en).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));

/** An action in words; one of a newer server is its own word. */
export function actionText(action: string, t: (key: TextKey) => string): string {
	return ACTIONS.includes(action) ? t(`${PREFIX}${action}` as TextKey) : action;
}
