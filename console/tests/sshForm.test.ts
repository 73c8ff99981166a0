import {expect, test} from 'vitest';
import type {Gateway, HostKey} from '../src/api/types';
import {hostKeyAccepted} from '../src/renewal/HostKeyCheck';
import {firstSshForm, isPort, isSshComplete, loginOf, withoutSecrets, type SshForm} from '../src/renewal/sshForm';

const gateway = {ssh: {host: 'gw.example.com', port: 2222, user: 'operator', host_key: null}} as Gateway;
const form = (change: Partial<SshForm>): SshForm => ({...firstSshForm(gateway), ...change});

test('host, port and user of the last time are there, a secret never', () => {
	expect(firstSshForm(gateway)).toMatchObject({host: 'gw.example.com', port: '2222', user: 'operator', password: '', key: ''});
});

test.each([
	['a password', form({password: 'x'}), true],
	['no password', form({}), false],
	['a key', form({auth: 'key', key: 'x'}), true],
	['a password does not count for a key', form({auth: 'key', password: 'x'}), false],
	['the agent needs its socket', form({auth: 'agent'}), false],
	['a socket is a whole path', form({auth: 'agent', agent: 'agent.sock'}), false],
	['an agent with its socket', form({auth: 'agent', agent: '/run/agent.sock'}), true],
	['no host', form({password: 'x', host: ' '}), false],
	['no user', form({password: 'x', user: ''}), false],
	['port 0', form({password: 'x', port: '0'}), false],
	['port 65535', form({password: 'x', port: '65535'}), true],
	['port 65536', form({password: 'x', port: '65536'}), false],
])('isSshComplete: %s', (_name, filled, wanted) => {
	expect(isSshComplete(filled)).toBe(wanted);
});

test.each([['', false], ['22', true], ['-1', false], ['1e3', false], ['22 ', false]])('isPort: %j', (text, wanted) => expect(isPort(text)).toBe(wanted));

test('only what belongs to the chosen way is sent', () => {
	const full = {password: 'p', key: 'k', keyPassphrase: 'kp', agent: '/a', sudoPassword: 's'};
	const place = {host: 'gw.example.com', port: 2222, user: 'operator', sudo_password: 's'};
	expect(loginOf(form({...full, auth: 'password'}))).toEqual({...place, auth: 'password', password: 'p'});
	expect(loginOf(form({...full, auth: 'key'}))).toEqual({...place, auth: 'key', key: 'k', key_passphrase: 'kp'});
	expect(loginOf(form({...full, auth: 'agent'}))).toEqual({...place, auth: 'agent', agent: '/a'});
});

test('after the call no secret is left', () => {
	const left = withoutSecrets(form({password: 'p', key: 'k', keyPassphrase: 'kp', sudoPassword: 's'}));
	expect(JSON.stringify(left)).not.toMatch(/"(p|k|kp|s)"/);
});

const key = (change: Partial<HostKey>): HostKey => ({host_key: 'SHA256:a', type: 'ssh-ed25519', pinned: null, matches: false, ...change});
test.each([
	['not looked at yet', null, true, false],
	['the pinned one', key({pinned: 'SHA256:a', matches: true}), false, true],
	['a first one, compared', key({}), true, true],
	['a first one, not compared', key({}), false, false],
	['a changed one, whatever was ticked', key({pinned: 'SHA256:b'}), true, false],
])('hostKeyAccepted: %s', (_name, seen, isAccepted, wanted) => {
	expect(hostKeyAccepted(seen, isAccepted)).toBe(wanted);
});
