import {useEffect, useState} from 'react';

const SETTLED_MS = 250;

/** What is typed, once the typing rests; what is empty, at once. */
export function useSettled(value: string): string {
	const [settled, setSettled] = useState(value);
	useEffect(() => {
		const timer = window.setTimeout(() => setSettled(value), value ? SETTLED_MS : 0);
		return () => window.clearTimeout(timer);
	}, [value]);
	return value ? settled : value;
}
