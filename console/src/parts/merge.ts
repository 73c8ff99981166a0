type Fields = Record<string, string | boolean>;

/** A field that somebody else has changed meanwhile. */
export interface Change {
	field: string;
	theirs: string | boolean;
	/** What stands in the form against it, and stays there. */
	mine: string | boolean | null;
}

/** What was typed, joined with what somebody else saved meanwhile: theirs where nothing was typed, mine where something was. */
export function mergeForms<T extends Fields>(old: T, mine: T, theirs: T): {form: T; changes: Change[]} {
	const form: Fields = {...mine};
	const changes: Change[] = [];
	for (const field of new Set([...Object.keys(old), ...Object.keys(theirs)])) {
		if (old[field] === theirs[field] || mine[field] === theirs[field]) continue;
		const isTouched = mine[field] !== old[field];
		if (!isTouched) {
			if (field in theirs) form[field] = theirs[field];
			else delete form[field];
		}
		changes.push({field, theirs: theirs[field] ?? '', mine: isTouched ? (mine[field] ?? '') : null});
	}
	return {form: form as T, changes};
}
