import type {Certificate} from '../api/types';

export interface TreeRow {
	certificate: Certificate;
	level: number;
	position: number;
	siblings: number;
	hasChildren: boolean;
	isExpanded: boolean;
}

/** Whether a certificate has what was typed: in its names, its subject, its serial number or its fingerprint. */
export function matches(certificate: Certificate, query: string): boolean {
	const q = query.trim().toLowerCase();
	if (!q) return true;
	const hex = q.replace(/[\s:]/g, '');
	const texts = [certificate.display_name, certificate.subject, ...certificate.names];
	return texts.some((text) => text.toLowerCase().includes(q)) || (hex !== '' && (certificate.fingerprint.includes(hex) || certificate.serial.includes(hex)));
}

/**
 * The rows of the tree that are to be seen: what matches, with every issuer above it; below a collapsed one nothing, unless
 * something is searched for.
 */
export function treeRows(certificates: Certificate[], collapsed: ReadonlySet<number>, query: string): TreeRow[] {
	const known = new Set(certificates.map((c) => c.id));
	const children = new Map<number | null, Certificate[]>();
	for (const c of certificates) {
		const above = c.issuer !== null && c.issuer !== c.id && known.has(c.issuer) ? c.issuer : null;
		children.set(above, [...(children.get(above) ?? []), c]);
	}
	const isSearch = query.trim() !== '';
	const below = (c: Certificate): TreeRow[][] => (children.get(c.id) ?? []).map((child) => branch(child)).filter((rows) => rows.length > 0);
	const branch = (c: Certificate): TreeRow[] => {
		const branches = below(c);
		if (branches.length === 0 && !matches(c, query)) return [];
		const isExpanded = branches.length > 0 && (isSearch || !collapsed.has(c.id));
		const own: TreeRow = {certificate: c, level: 1, position: 1, siblings: 1, hasChildren: branches.length > 0, isExpanded};
		return [own, ...(isExpanded ? numbered(branches).map((row) => ({...row, level: row.level + 1})) : [])];
	};
	return numbered((children.get(null) ?? []).map(branch).filter((rows) => rows.length > 0));
}

function numbered(branches: TreeRow[][]): TreeRow[] {
	return branches.flatMap((rows, i) => [{...rows[0], position: i + 1, siblings: branches.length}, ...rows.slice(1)]);
}
