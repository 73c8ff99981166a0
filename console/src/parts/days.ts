/** The last moment of a local day, as an RFC 3339 time: the day as the one who chose it understands it. */
export function endOfLocalDay(day: string): string {
	const [year, month, date] = day.split('-').map(Number);
	return new Date(year, month - 1, date, 23, 59, 59).toISOString().replace('.000Z', 'Z');
}

/** The local day of a time, as a date input has it. */
export function localDay(time: Date): string {
	const two = (n: number) => String(n).padStart(2, '0');
	return `${String(time.getFullYear()).padStart(4, '0')}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/** The same day `years` later. */
export function yearsFrom(time: Date, years: number): Date {
	const later = new Date(time);
	later.setFullYear(time.getFullYear() + years);
	return later;
}
