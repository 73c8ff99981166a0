import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {fill, pluralKey} from '../src/i18n/catalogue';
import {de} from '../src/i18n/de';
import {en} from '../src/i18n/en';

const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

function sources(folder: string): string[] {
	return readdirSync(folder, {withFileTypes: true}).flatMap((entry) => {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) return entry.name === 'i18n' ? [] : sources(path);
		return [readFileSync(path, 'utf8')];
	});
}

test('both catalogues have the same keys', () => {
	expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
});

test('each text has the same values in both languages, and is not empty', () => {
	for (const key of Object.keys(en) as (keyof typeof en)[]) {
		expect(holes(de[key]), key).toEqual(holes(en[key]));
		expect(en[key].trim() && de[key].trim(), key).toBeTruthy();
	}
});

test('every text is used somewhere', () => {
	const text = sources('src').join('\n');
	const dynamic = new Set([...text.matchAll(/`([\w.]+\.)\$\{/g)].map((match) => match[1]));
	const isUsed = (key: string) => {
		if (key.startsWith('auditAction.')) return true; // each is held against the server's own list elsewhere
		const base = key.replace(/\.(one|other)$/, '');
		return [key, base].some((one) => text.includes(`'${one}'`)) || [...dynamic].some((prefix) => key.startsWith(prefix)) || text.includes(`\`${key.split('-')[0]}-\${`);
	};
	expect(Object.keys(en).filter((key) => !isUsed(key))).toEqual([]);
});

test.each([
	['no value', 'a {b} c', undefined, 'a {b} c'],
	['one value twice', '{n} of {n}', {n: 3}, '3 of 3'],
	['a value that is not known stays', '{n} {m}', {n: 1}, '1 {m}'],
	['a value that looks like a hole is not filled again', '{n}', {n: '{m}', m: 'x'}, '{m}'],
])('fill: %s', (_name, text, values, wanted) => {
	expect(fill(text, values as Record<string, string>)).toBe(wanted);
});

test.each([
	['en', 1, 'days.one'],
	['en', 0, 'days.other'],
	['en', 2, 'days.other'],
	['de', 1, 'days.one'],
	['de', 11, 'days.other'],
] as const)('pluralKey: %s %d', (language, n, wanted) => {
	expect(pluralKey(language, 'days', n)).toBe(wanted);
});
