import {useSyncExternalStore} from 'react';
import {readPreference, writePreference} from '../parts/preferences';

export type Theme = 'system' | 'light' | 'dark';

const DARK_CLASS = 'pf-v6-theme-dark';
const systemIsDark = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
let theme: Theme = kept();

function kept(): Theme {
	const value = readPreference('theme');
	return value === 'light' || value === 'dark' ? value : 'system';
}

/** Puts the theme on the document; called once before the first picture, and whenever something changes. */
export function applyTheme(): void {
	const isDark = theme === 'dark' || (theme === 'system' && systemIsDark.matches);
	document.documentElement.classList.toggle(DARK_CLASS, isDark);
}

export function setTheme(next: Theme): void {
	theme = next;
	writePreference('theme', next);
	applyTheme();
	listeners.forEach((tell) => tell());
}

systemIsDark.addEventListener('change', applyTheme);

export function useTheme(): Theme {
	return useSyncExternalStore(
		(tell) => {
			listeners.add(tell);
			return () => listeners.delete(tell);
		},
		() => theme,
	);
}
