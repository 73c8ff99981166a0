import type {en} from './en';

export type TextKey = keyof typeof en;
export type Catalogue = Record<TextKey, string>;
export type Language = 'en' | 'de';
export type Values = Record<string, string | number>;

/** The text of a key, each {name} replaced by the value of that name. */
export function fill(text: string, values?: Values): string {
	return values ? text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole)) : text;
}

/** A key with the plural form of `n` appended: `days` is `days.one` or `days.other`. */
export function pluralKey(language: Language, base: string, n: number): TextKey {
	return `${base}.${new Intl.PluralRules(language).select(n) === 'one' ? 'one' : 'other'}` as TextKey;
}
