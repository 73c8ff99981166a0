import {open} from './client';

export interface ServerEvent {
	/** Its number; empty when it has none. */
	id: string;
	name: string;
	data: string;
}

/**
 * Reads server-sent events until the stream ends, beginning behind `last`. EventSource would do the same but for one thing:
 * one that is made anew cannot say what it saw last.
 */
export async function readEvents(path: string, last: string, signal: AbortSignal, onOpen: () => void, onEvent: (event: ServerEvent) => void): Promise<void> {
	const headers: Record<string, string> = {Accept: 'text/event-stream', ...(last ? {'Last-Event-ID': last} : {})};
	const response = await open('GET', path, undefined, {signal, headers});
	if (!response.body) return;
	onOpen();
	const reader = response.body.getReader();
	const decoder = new TextDecoder();
	let text = '';
	for (;;) {
		const {done, value} = await reader.read();
		if (done) return;
		text += decoder.decode(value, {stream: true});
		const blocks = text.split('\n\n');
		text = blocks.pop() ?? '';
		for (const block of blocks) {
			const event = eventOf(block);
			if (event) onEvent(event);
		}
	}
}

/** One event; null for what is only a sign of life. */
function eventOf(block: string): ServerEvent | null {
	const fields = new Map(block.split('\n').map((line): [string, string] => {
		const at = line.indexOf(':');
		return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1).trimStart()];
	}));
	const data = fields.get('data');
	return data === undefined ? null : {id: fields.get('id') ?? '', name: fields.get('event') ?? 'message', data};
}
