import {expect, test} from 'vitest';
import {formatsOf} from '../src/i18n/format';

test.each(['en', 'de'] as const)('times of the server are written as elsewhere on the page: %s', (language) => {
	const {plain, dateTime} = formatsOf(language);
	const [wanted, got] = ['2036-11-30T23:59:59Z', '2040-01-01T23:59:59Z'];
	expect(plain(`want an end not later than ${wanted}, when issuer 'x' expires, got ${got}`)).toBe(`want an end not later than ${dateTime(wanted)}, when issuer 'x' expires, got ${dateTime(got)}`);
	expect(plain('generation 20261130T161110Z-7fc23c83, 2026-11-30')).toBe('generation 20261130T161110Z-7fc23c83, 2026-11-30');
});
