import {useEffect, useState} from 'react';

/** What somebody types, once the typing pauses. */
export function usePause(value: string, pauseMs: number): string {
	const [settled, setSettled] = useState(value);
	useEffect(() => {
		const timer = window.setTimeout(() => setSettled(value), pauseMs);
		return () => window.clearTimeout(timer);
	}, [value, pauseMs]);
	return settled;
}
