import type {Certificate} from '../api/types';

/** The branch of what stands at the top: a number that no certificate has. */
export const TOP = 0;

/** What one certificate has issued, as far as it was asked for. */
export interface Branch {
	items: Certificate[];
	/** There are more than these. */
	isMore: boolean;
}

export type Branches = ReadonlyMap<number, Branch>;

interface Place {
	level: number;
	position: number;
	/** How many stand beside it, itself too; -1: it is not known. */
	siblings: number;
}

export interface CertificateRow extends Place {
	certificate: Certificate;
	hasChildren: boolean;
	isExpanded: boolean;
}

/** Stands for what of a branch is not there yet: to be asked for, or on its way. */
export interface MoreRow extends Place {
	moreOf: number;
	/** null: it is not known. */
	left: number | null;
	isLoading: boolean;
}

export type TreeRow = CertificateRow | MoreRow;

/** Certificates that are all there is, each below its issuer when that is among them. */
export function branchesOf(certificates: Certificate[]): Branches {
	const known = new Set(certificates.map((c) => c.id));
	const branches = new Map<number, Branch>([[TOP, {items: [], isMore: false}]]);
	for (const c of certificates) {
		const above = c.issuer !== null && c.issuer !== c.id && known.has(c.issuer) ? c.issuer : TOP;
		const branch = branches.get(above) ?? {items: [], isMore: false};
		branch.items.push(c);
		branches.set(above, branch);
	}
	return branches;
}

/**
 * The rows that are to be seen. `isOpen` says which certificates show what they have issued; a branch that is open and not there
 * is on its way.
 */
export function treeRows(branches: Branches, isOpen: (certificate: Certificate) => boolean, hasChildren: (certificate: Certificate) => boolean): TreeRow[] {
	const rows: TreeRow[] = [];
	const add = (id: number, level: number, total: number | null) => {
		const branch = branches.get(id);
		const items = branch?.items ?? [];
		const isWhole = branch !== undefined && !branch.isMore;
		const siblings = isWhole ? items.length : Math.max(total ?? -1, total === null ? -1 : items.length + 1);
		items.forEach((certificate, i) => {
			const isExpanded = hasChildren(certificate) && isOpen(certificate);
			rows.push({certificate, level, position: i + 1, siblings, hasChildren: hasChildren(certificate), isExpanded});
			if (isExpanded) add(certificate.id, level + 1, certificate.children);
		});
		if (!isWhole) rows.push({moreOf: id, level, position: items.length + 1, siblings, left: total === null ? null : Math.max(1, total - items.length), isLoading: branch === undefined});
	};
	add(TOP, 1, null);
	return rows;
}

/** What a search found, each below its issuers, all open. */
export function foundRows(hits: Certificate[], issuers: Certificate[]): TreeRow[] {
	const all = new Map([...issuers, ...hits].map((c) => [c.id, c]));
	const branches = branchesOf([...all.values()].sort((a, b) => a.id - b.id));
	return treeRows(branches, () => true, (c) => branches.has(c.id));
}

/** The issuers above what was found that are not found themselves. */
export function issuersAbove(hits: Certificate[]): number[] {
	const found = new Set(hits.map((c) => c.id));
	return [...new Set(hits.flatMap((c) => c.path))].filter((id) => !found.has(id));
}
