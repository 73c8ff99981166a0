import {useMemo, useState} from 'react';
import {getCertificates, listBranch, listTree, searchCertificates} from '../api/certificates';
import {getCounts} from '../api/overview';
import type {Certificate} from '../api/types';
import {useLoad, type Loaded} from '../parts/useLoad';
import {branchesOf, foundRows, issuersAbove, TOP, treeRows, type Branch, type Branches, type TreeRow} from './treeRows';

const REFRESH_MS = 15000;
/** Rows that are asked for at a time. Also: a tree that is no larger is loaded whole and begins open. */
const STEP = 100;

interface Tree {
	isSmall: boolean;
	branches: Branches;
	total: number;
}

async function loadTree(wasLarge: boolean, wanted: ReadonlyMap<number, number>, signal: AbortSignal): Promise<Tree> {
	if (!wasLarge) {
		const {items, next} = await listTree(STEP, signal);
		if (!next) return {isSmall: true, branches: branchesOf(items), total: items.length};
	}
	const branch = async (id: number, n: number): Promise<[number, Branch]> => {
		const {items, next} = await listBranch(id === TOP ? 'none' : id, n, signal);
		return [id, {items, isMore: next !== null}];
	};
	const counts = getCounts(signal);
	const branches = new Map(await Promise.all([...new Map([[TOP, STEP], ...wanted])].map(([id, n]) => branch(id, n))));
	const {roots, intermediates, end_entities: leaves} = await counts;
	return {isSmall: false, branches, total: roots + intermediates + leaves};
}

export interface ShownTree {
	rows: TreeRow[];
	/** How many certificates there are, or were found; `isMore`: at least. */
	n: number;
	isMore: boolean;
}

/** The tree branch by branch: what is opened is asked for then. */
export function useTree() {
	const [wanted, setWanted] = useState<ReadonlyMap<number, number>>(new Map());
	const [chosen, setChosen] = useState<ReadonlyMap<number, boolean>>(new Map());
	const [wasLarge, setWasLarge] = useState(false);
	const loaded = useLoad(
		async (signal) => {
			const tree = await loadTree(wasLarge, wanted, signal);
			setWasLarge(!tree.isSmall);
			return tree;
		},
		[],
		REFRESH_MS,
	);
	const tree = loaded.data;
	const isOpen = (c: Certificate) => chosen.get(c.id) ?? tree?.isSmall ?? false;
	const want = (id: number, n: number) => {
		setWanted(new Map(wanted).set(id, n));
		loaded.reload();
	};
	const shown = useMemo<ShownTree | null>(() => tree && {rows: treeRows(tree.branches, isOpen, (c) => c.children > 0), n: tree.total, isMore: false}, [tree, chosen]);
	return {
		loaded: {...loaded, data: shown},
		toggle: (c: Certificate) => {
			setChosen(new Map(chosen).set(c.id, !isOpen(c)));
			if (isOpen(c)) return;
			if (tree && !tree.isSmall && !tree.branches.has(c.id)) want(c.id, STEP);
		},
		more: (id: number) => want(id, (tree?.branches.get(id)?.items.length ?? 0) + STEP),
	};
}

/** What a search finds, below its issuers; nothing is asked for without a query. */
export function useFound(query: string) {
	const [wanted, setWanted] = useState({query, n: STEP});
	const n = wanted.query === query ? wanted.n : STEP;
	const loaded = useLoad<ShownTree | null>(
		async (signal) => {
			if (!query) return null;
			const {items, next} = await searchCertificates({q: query}, n, signal);
			const issuers = await getCertificates(issuersAbove(items), signal);
			const rows = foundRows(items, issuers);
			if (next) rows.push({moreOf: TOP, level: 1, position: rows.filter((row) => row.level === 1).length + 1, siblings: -1, left: null, isLoading: false});
			return {rows, n: items.length, isMore: next !== null};
		},
		[query],
		query ? REFRESH_MS : 0,
	);
	return {
		loaded: loaded as Loaded<ShownTree>, // null is what is not there yet, either way
		more: () => {
			setWanted({query, n: n + STEP});
			loaded.reload();
		},
	};
}
