import {createContext, useContext, useEffect, useMemo, useState, type ReactNode} from 'react';
import {readPreference, writePreference} from '../parts/preferences';
import {fill, pluralKey, type Catalogue, type Language, type TextKey, type Values} from './catalogue';
import {en} from './en';
import {formatsOf, type Formats} from './format';
import {IN_ENGLISH, serverWords, type ServerWords} from './server';

export const LANGUAGES: Record<Language, string> = {en: 'English', de: 'Deutsch'};

interface I18n extends Formats, ServerWords {
	language: Language;
	setLanguage(language: Language): void;
	t(key: TextKey, values?: Values): string;
	/** A text that depends on a number, which is its {n}. */
	tn(base: string, n: number, values?: Values): string;
}

const Context = createContext<I18n | null>(null);

interface Texts {
	catalogue: Catalogue;
	server: ServerWords;
}

const loaders: Record<Language, () => Promise<Texts>> = {
	en: () => Promise.resolve({catalogue: en, server: IN_ENGLISH}),
	de: () => Promise.all([import('./de'), import('./de-server')]).then(([{de}, texts]) => ({catalogue: de, server: serverWords(texts)})),
};

function firstLanguage(): Language {
	const kept = readPreference('language');
	if (kept === 'en' || kept === 'de') return kept;
	return navigator.language.startsWith('de') ? 'de' : 'en';
}

export function I18nProvider({children}: {children: ReactNode}) {
	const [wanted, setWanted] = useState<Language>(firstLanguage);
	const [loaded, setLoaded] = useState<(Texts & {language: Language}) | null>(null);

	useEffect(() => {
		let current = true;
		void loaders[wanted]().then((texts) => {
			if (!current) return;
			document.documentElement.lang = wanted;
			setLoaded({language: wanted, ...texts});
		});
		return () => {
			current = false;
		};
	}, [wanted]);

	const value = useMemo<I18n | null>(() => {
		if (!loaded) return null;
		const {language, catalogue, server} = loaded;
		const formats = formatsOf(language);
		return {
			...formats,
			...server,
			said: (sentence) => formats.plain(server.said(sentence)),
			language,
			setLanguage: (next) => {
				writePreference('language', next);
				setWanted(next);
			},
			t: (key, values) => fill(catalogue[key], values),
			tn: (base, n, values) => fill(catalogue[pluralKey(language, base, n)], {n: formats.number(n), ...values}),
		};
	}, [loaded]);

	return value && <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useI18n(): I18n {
	const value = useContext(Context);
	if (!value) throw new Error('useI18n outside of I18nProvider');
	return value;
}
