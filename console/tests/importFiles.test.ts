import {expect, test} from 'vitest';
import {asOne} from '../src/certificates/importFiles';

const file = (name: string, text: string) => ({name, bytes: new TextEncoder().encode(text)});
const pem = (what: string) => `-----BEGIN ${what}-----\nMA==\n-----END ${what}-----`;

test('one file is taken as it is', () => {
	const keystore = {name: 'a.p12', bytes: new Uint8Array([0x30, 0x80, 0xff])};
	expect(asOne([keystore])).toBe(keystore);
});

test('several PEM files are one, each from a line of its own', () => {
	const joined = asOne([file('a.crt', pem('CERTIFICATE')), file('a.key', pem('PRIVATE KEY'))]);
	expect(joined?.name).toBe('a.crt, a.key');
	expect(new TextDecoder().decode(joined?.bytes)).toBe(`${pem('CERTIFICATE')}\n${pem('PRIVATE KEY')}`);
});

test.each([
	['none', []],
	['a PKCS#12 among them', [file('a.crt', pem('CERTIFICATE')), {name: 'b.p12', bytes: new Uint8Array([0x30, 0x80])}]],
])('not one: %s', (_name, files) => expect(asOne(files)).toBeNull());
