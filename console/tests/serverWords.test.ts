import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import * as german from '../src/i18n/de-server';
import {serverWords} from '../src/i18n/server';

const source = (path: string) => readFileSync(`../${path}`, 'utf8').replace(/"\s*PRId64\s*"/g, 'd');
const words = serverWords(german);

/** The strings behind `before` in C, several parts as one, each %d or %s as {}. */
function literals(path: string, before: string): string[] {
	const found = source(path).matchAll(new RegExp(`${before}\\s*((?:"(?:[^"\\\\]|\\\\.)*"\\s*)+)`, 'g'));
	return [...found]
		.map((match) => [...match[1].matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((part) => part[1]).join('').replace(/%(?:zu|lld|[sd])/g, '{}'))
		.filter((text) => /[a-z]/.test(text));
}

test('each finding of the server has its reason in German, and no other', () => {
	const ids = [...source('schema/findings.def').matchAll(/^FINDING\(\w+, "([a-z-]+)"/gm)].map((match) => match[1]);
	expect(ids.length).toBeGreaterThan(50);
	expect(Object.keys(german.findings).sort()).toEqual([...ids].sort());
});

test.each([
	['the plan', 'src/core/deploy/plan.c', 'SAY\\(&?p,'],
	['commands of the plan', 'src/core/deploy/plan.c', 'plan_command\\(p, in,'],
	['steps of an update', 'src/core/deploy/update.c', 'update_act\\(u, out, UA_\\w+,'],
	['more steps', 'src/core/deploy/update_steps.c', 'update_act\\(u, out, UA_\\w+,'],
	['steps with numbers', 'src/core/deploy/update_steps.c', 'update_say\\(out->text,'],
	['states of a job', 'src/gatewrightd/manager/jobs/follow.c', '\\[US_\\w+\\] ='],
	['waiting after a restart', 'src/core/deploy/update_recover.c', 'wait_until\\(in, ret, \\S+,'],
	['rows of a comparison', 'src/core/pki/compat_diff.c', '\\{(?= "[a-z ]+", row_)'],
	['names of fields', 'src/sys/crypto/x509_describe.c', 'add(?:_time|_usages)?\\(&?l,'],
])('%s: each sentence has its translation', (_name, path, before) => {
	const all = literals(path, before);
	expect(all.length).toBeGreaterThan(0);
	expect(all.filter((text) => !/^[{}:% ]*$/.test(text) && !(text in german.sentences))).toEqual([]);
});

test('each refusal is one that the server says', () => {
	const files = [
		...['call', 'session', 'totp', 'users', 'approvals', 'updates', 'jobs', 'import_export'].map((name) => `src/gatewrightd/manager/api/${name}.c`),
		'src/gatewrightd/deploy/host_open.c',
		'src/sys/ssh/login.c',
	];
	const said = files.map((path) => source(path).replace(/"\s*"/g, '').replace(/%(?:zu|lld|[sd])/g, '{}')).join('\n');
	// what a refused log-in says is put together of two
	const judged = (text: string) => text.replace(/(as '\{\}': )(wrong password|the server refused before it asked for the password)( \(the)/, '$1{}$3');
	expect(Object.keys(german.refusals).filter((text) => !said.includes(`"${text}"`) && !said.includes(`"${judged(text)}"`))).toEqual([]);
});

test('both sides have the same holes', () => {
	const holes = (text: string) => text.split('{}').length;
	expect(Object.entries(german.sentences).filter(([from, to]) => holes(from) !== holes(to))).toEqual([]);
});

test.each([
	['whole', 'check the host', 'den Rechner prüfen'],
	['with values', "connect to 'edge' port 22 over SSH as user 'root'", 'mit „edge“, Port 22, per SSH als Benutzer „root“ verbinden'],
	['as far as it is known', "the old keystore is untouched: connect to 'x': wrong password", "der alte Schlüsselspeicher ist unberührt: connect to 'x': wrong password"],
	['a known cause', 'the old keystore is served again: cancelled', 'der alte Schlüsselspeicher wird wieder verwendet: abgebrochen'],
	['a refusal', "nothing had been switched, the old keystore is untouched: log in to 'h' as 'root': wrong password (the server offers: password)",
		"nichts war umgestellt, der alte Schlüsselspeicher ist unberührt: Anmeldung an 'h' als „root“: falsches Passwort (der Server bietet an: password)"],
	['unknown', 'something else', 'something else'],
	['the name of something of JavaScript', 'constructor', 'constructor'],
])('said: %s', (_name, from, wanted) => {
	expect(words.said(from)).toBe(wanted);
});
