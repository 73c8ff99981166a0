const PEM = '-----BEGIN ';

export interface ImportFile {
	name: string;
	bytes: Uint8Array<ArrayBuffer>;
}

/** Several files as one, which only PEM can be: what follows each other in it belongs to no file. null: one of them is none. */
export function asOne(files: ImportFile[]): ImportFile | null {
	if (files.length === 1) return files[0];
	const texts = files.map((file) => new TextDecoder().decode(file.bytes));
	if (files.length === 0 || !texts.every((text) => text.includes(PEM))) return null;
	return {name: files.map((file) => file.name).join(', '), bytes: new TextEncoder().encode(texts.join('\n'))};
}
