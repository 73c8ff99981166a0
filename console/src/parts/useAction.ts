import {useCallback, useRef, useState} from 'react';

export interface Action<A extends unknown[]> {
	run(...args: A): Promise<boolean>;
	busy: boolean;
	error: unknown;
	clear(): void;
}

/** A call that somebody started: whether it runs, and what went wrong. `run` answers whether it worked. */
export function useAction<A extends unknown[]>(act: (...args: A) => Promise<unknown>): Action<A> {
	const [state, setState] = useState<{busy: boolean; error: unknown}>({busy: false, error: null});
	const latest = useRef(act);
	latest.current = act;
	const isRunning = useRef(false);
	const run = useCallback(async (...args: A) => {
		if (isRunning.current) return false; // the second click of two
		isRunning.current = true;
		setState({busy: true, error: null});
		try {
			await latest.current(...args);
			setState({busy: false, error: null});
			return true;
		} catch (error) {
			setState({busy: false, error});
			return false;
		} finally {
			isRunning.current = false;
		}
	}, []);
	const clear = useCallback(() => setState({busy: false, error: null}), []);
	return {run, ...state, clear};
}
