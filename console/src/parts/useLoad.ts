import {useCallback, useEffect, useRef, useState, type DependencyList} from 'react';
import {isSomebodyThere} from './activity';

export interface Loaded<T> {
	data: T | null;
	error: unknown;
	reload(): void;
}

/** Loads when the dependencies change, again on reload(), and every `everyMs` while somebody is there. What was there stays until the new is. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, deps: DependencyList, everyMs = 0): Loaded<T> {
	const [state, setState] = useState<{data: T | null; error: unknown}>({data: null, error: null});
	const [round, setRound] = useState(0);
	const latest = useRef(load);
	latest.current = load;

	useEffect(() => setState({data: null, error: null}), deps);

	useEffect(() => {
		const abort = new AbortController();
		latest.current(abort.signal).then(
			(data) => {
				if (!abort.signal.aborted) setState({data, error: null});
			},
			(error: unknown) => {
				if (!abort.signal.aborted) setState((old) => ({data: old.data, error}));
			},
		);
		return () => abort.abort();
	}, [...deps, round]);

	const reload = useCallback(() => setRound((n) => n + 1), []);

	useEffect(() => {
		if (!everyMs) return undefined;
		const timer = window.setInterval(() => {
			if (isSomebodyThere()) reload();
		}, everyMs);
		return () => window.clearInterval(timer);
	}, [everyMs, reload]);

	return {...state, reload};
}
