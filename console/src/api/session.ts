import {call, setCsrfToken} from './client';
import type {Session} from './types';

function remember(session: Session): Session {
	setCsrfToken(session.csrf);
	return session;
}

export const getSession = () => call<Session>('GET', 'session', undefined, {anonymous: true}).then(remember);
/** What the log-in answers is the session; it is read again so that one call alone decides what a session looks like. */
export const logIn = (user: string, password: string, code: string) =>
	call<unknown>('POST', 'session', code ? {user, password, code} : {user, password}, {anonymous: true}).then(getSession);
export const logOut = () => call<void>('DELETE', 'session', undefined, {anonymous: true});
export const logOutEverywhere = () => call<void>('DELETE', 'sessions');
export const changePassword = (current: string, fresh: string) => call<void>('POST', 'session/password', {current, new: fresh}).then(getSession);
export const beginTotp = (password: string) => call<{secret: string; uri: string}>('POST', 'session/totp', {password});
export const confirmTotp = (code: string) => call<{recovery_codes: string[]}>('POST', 'session/totp/confirm', {code});
export const removeTotp = (password: string, code: string) => call<void>('POST', 'session/totp/remove', {password, code});
