import type {Language} from './catalogue';

export interface Formats {
	date(iso: string): string;
	dateTime(iso: string): string;
	number(n: number): string;
	countryName(code: string): string | null;
	/** What the server says, each time in it as people here write it. */
	plain(said: string): string;
}

const LOCALES: Record<Language, string> = {en: 'en-GB', de: 'de-DE'};

const SERVER_TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g;

/** English dates follow the browser's own English (US or UK), everything else the language that was chosen. */
function localeOf(language: Language): string {
	return navigator.language.startsWith(language) ? navigator.language : LOCALES[language];
}

export function formatsOf(language: Language): Formats {
	const locale = localeOf(language);
	const date = new Intl.DateTimeFormat(locale, {dateStyle: 'medium'});
	const dateTime = new Intl.DateTimeFormat(locale, {dateStyle: 'medium', timeStyle: 'medium'});
	const number = new Intl.NumberFormat(locale);
	const whenOf = (iso: string) => dateTime.format(new Date(iso));
	const regions = new Intl.DisplayNames(locale, {type: 'region', fallback: 'none'});
	return {
		date: (iso) => date.format(new Date(iso)),
		dateTime: whenOf,
		number: (n) => number.format(n),
		countryName: (code) => (/^[A-Za-z]{2}$/.test(code) ? (regions.of(code.toUpperCase()) ?? null) : null),
		plain: (said) => said.replace(SERVER_TIME, whenOf),
	};
}
