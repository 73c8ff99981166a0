import type {Gateway, GatewayBody, Target} from '../api/types';
import {mergeForms, type Change} from '../parts/merge';

export interface GatewayForm {
	name: string;
	target: string;
	params: Record<string, string>;
	tls: string;
	serverNames: string;
	host: string;
	port: string;
	user: string;
}

const DEFAULT_TARGET = 'nginx';

export function firstGatewayForm(gateway: Gateway | null, targets: Target[]): GatewayForm {
	if (gateway) {
		return {
			name: gateway.name,
			target: gateway.target,
			params: {...gateway.params},
			tls: gateway.tls.join('; '),
			serverNames: gateway.server_names.join('; '),
			host: gateway.ssh.host ?? '',
			port: String(gateway.ssh.port ?? 22),
			user: gateway.ssh.user ?? '',
		};
	}
	const target = targets.find((one) => one.name === DEFAULT_TARGET) ?? targets[0];
	return {name: '', target: target?.name ?? '', params: {}, tls: '', serverNames: '', host: '', port: '22', user: 'root'};
}

export function listOf(text: string): string[] {
	return text.split(/[;,\s]+/).filter((word) => word !== '');
}

/** The body of the call. What is as the target's default is left out, so that a better default reaches every gateway. */
export function gatewayBodyOf(form: GatewayForm, target: Target | undefined, isNew: boolean): GatewayBody {
	const params = (target?.params ?? [])
		.map((param): [string, string] => [param.name, form.params[param.name] ?? param.default])
		.filter(([name, value]) => value !== target?.params.find((param) => param.name === name)?.default);
	return {
		...(isNew ? {name: form.name.trim()} : {}),
		target: form.target,
		params: Object.fromEntries(params),
		tls: listOf(form.tls),
		server_names: listOf(form.serverNames),
		ssh: {host: form.host.trim(), port: Number(form.port), user: form.user.trim()},
	};
}

const PARAM = 'param:';

function flat({params, ...rest}: GatewayForm): Record<string, string> {
	return {...rest, ...Object.fromEntries(Object.entries(params).map(([name, value]) => [PARAM + name, value]))};
}

/** What was typed over what `old` was, joined with what somebody else made of it. A parameter's field is `param:NAME`. */
export function mergeGatewayForm(old: GatewayForm, mine: GatewayForm, theirs: GatewayForm): {form: GatewayForm; changes: Change[]} {
	const {form, changes} = mergeForms(flat(old), flat(mine), flat(theirs));
	const params = Object.entries(form).filter(([field]) => field.startsWith(PARAM)).map(([field, value]) => [field.slice(PARAM.length), value]);
	return {form: {...mine, ...Object.fromEntries(Object.entries(form).filter(([field]) => !field.startsWith(PARAM))), params: Object.fromEntries(params)}, changes};
}
