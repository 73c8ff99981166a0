/** What a browser remembers of its user: how the console looks, never what it shows. */
type Preference = 'theme' | 'language';

export function readPreference(name: Preference): string | null {
	try {
		return localStorage.getItem(`gatewright-${name}`);
	} catch {
		return null; // storage is switched off
	}
}

export function writePreference(name: Preference, value: string): void {
	try {
		localStorage.setItem(`gatewright-${name}`, value);
	} catch {
		// storage is switched off: the choice lasts until the page is closed
	}
}
