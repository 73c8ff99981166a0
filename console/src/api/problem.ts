import type {Approval, Finding} from './types';

/** What the server refused, as RFC 9457 problem details. */
export class Problem extends Error {
	constructor(
		readonly status: number,
		readonly title: string,
		readonly detail: string,
		readonly findings: Finding[] = [],
		/** What its reader can do about it: the last word of its type, or nothing. */
		readonly reason: string | null = null,
		readonly retryAfter: number | null = null,
	) {
		super(detail || title);
		this.name = 'Problem';
	}
}

/** The call waits for a second administrator; it is repeated with the approval's number once that was granted. */
export class ApprovalNeeded extends Error {
	constructor(readonly approval: Approval) {
		super(approval.summary);
		this.name = 'ApprovalNeeded';
	}
}

/** No answer at all: the server is away, or the network is. */
export class Unreachable extends Error {
	constructor() {
		super('the management server does not answer');
		this.name = 'Unreachable';
	}
}

/** The sentence of anything that was thrown, with a capital letter and a full stop as the page's other sentences have. */
export function sentenceOf(error: unknown): string {
	const text = error instanceof Error ? error.message : String(error);
	const first = text.charAt(0).toUpperCase() + text.slice(1);
	return /[.!?]$/.test(first) ? first : `${first}.`;
}
