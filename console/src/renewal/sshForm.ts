import type {Gateway, SshAuth, SshLogin} from '../api/types';

/** How to log in to the host, as it was typed. Secrets live here only until the call has been made. */
export interface SshForm {
	host: string;
	port: string;
	user: string;
	auth: SshAuth;
	password: string;
	key: string;
	keyPassphrase: string;
	agent: string;
	sudoPassword: string;
}

export function firstSshForm(gateway: Gateway): SshForm {
	return {
		host: gateway.ssh.host ?? '',
		port: String(gateway.ssh.port ?? 22),
		user: gateway.ssh.user ?? 'root',
		auth: 'password',
		password: '',
		key: '',
		keyPassphrase: '',
		agent: '',
		sudoPassword: '',
	};
}

export function withoutSecrets(form: SshForm): SshForm {
	return {...form, password: '', key: '', keyPassphrase: '', sudoPassword: ''};
}

export function isPort(text: string): boolean {
	return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;
}

export function isSshComplete(form: SshForm): boolean {
	const hasSecret = {password: form.password !== '', key: form.key !== '', agent: form.agent.trim().startsWith('/')}[form.auth];
	return form.host.trim() !== '' && isPort(form.port) && form.user.trim() !== '' && hasSecret;
}

/** The `ssh` of the call: only what belongs to the chosen way to log in. */
export function loginOf(form: SshForm): SshLogin {
	const secret = {
		password: {password: form.password},
		key: {key: form.key, ...(form.keyPassphrase ? {key_passphrase: form.keyPassphrase} : {})},
		agent: {agent: form.agent.trim()},
	}[form.auth];
	return {
		host: form.host.trim(),
		port: Number(form.port),
		user: form.user.trim(),
		auth: form.auth,
		...secret,
		...(form.sudoPassword ? {sudo_password: form.sudoPassword} : {}),
	};
}
