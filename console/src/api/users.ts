import {call, every, ifUnchanged, quoted} from './client';
import type {Role, Token, User} from './types';

export const listUsers = (signal?: AbortSignal) => every<User>('users', signal);
export const createUser = (name: string, roles: Role[]) => call<User & {one_time_password: string}>('POST', 'users', {name, roles});
export const getUser = (name: string, signal?: AbortSignal) => call<User>('GET', `users/${quoted(name)}`, undefined, {signal});
export const changeUser = (seen: User, change: {roles?: Role[]; disabled?: boolean}) => call<User>('PATCH', `users/${quoted(seen.name)}`, change, ifUnchanged(seen));
export const deleteUser = (seen: User) => call<void>('DELETE', `users/${quoted(seen.name)}`, {}, ifUnchanged(seen));
export const resetUser = (seen: User) => call<{one_time_password: string}>('POST', `users/${quoted(seen.name)}/reset`, {}, ifUnchanged(seen));

export const listTokens = (all: boolean, signal?: AbortSignal) => every<Token>(all ? 'tokens?all=true' : 'tokens', signal);
export const createToken = (name: string, roles: Role[], expiresAt: string) =>
	call<Token & {token: string}>('POST', 'tokens', {name, roles, expires_at: expiresAt});
export const deleteToken = (id: number) => call<void>('DELETE', `tokens/${id}`);
