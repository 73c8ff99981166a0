/** Translations of what the server says; without one its own words stand. */
export interface ServerTexts {
	findings: Record<string, string>;
	sentences: Record<string, string>;
}

export interface ServerWords {
	/** The reason that a finding's id stands for, in another language than the server's; null in the server's own. */
	reason(id: string): string | null;
	/** A sentence of the server, as far as it is known. */
	said(sentence: string): string;
}

export const IN_ENGLISH: ServerWords = {reason: () => null, said: (sentence) => sentence};

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export function serverWords({findings, sentences}: ServerTexts): ServerWords {
	const patterns = Object.entries(sentences)
		.filter(([from]) => from.includes('{}'))
		.map(([from, to]) => ({pattern: new RegExp(`^${from.split('{}').map(escaped).join('(.*?)')}$`), to}));
	const whole = (sentence: string): string | null => {
		if (Object.hasOwn(sentences, sentence)) return sentences[sentence];
		for (const {pattern, to} of patterns) {
			const values = pattern.exec(sentence)?.slice(1);
			if (values) return to.split('{}').map((part, i) => part + (values[i] ?? '')).join('');
		}
		return null;
	};
	const said = (sentence: string): string => {
		const known = whole(sentence);
		if (known !== null) return known;
		// "what: why": as much as is known of it
		for (let at = sentence.indexOf(': '); at >= 0; at = sentence.indexOf(': ', at + 1)) {
			const head = whole(sentence.slice(0, at));
			if (head !== null) return `${head}: ${said(sentence.slice(at + 2))}`;
		}
		return sentence;
	};
	return {reason: (id) => (Object.hasOwn(findings, id) ? findings[id] : null), said};
}
