import {expect, test} from 'vitest';
import type {Certificate} from '../src/api/types';
import {branchesOf, foundRows, issuersAbove, TOP, treeRows, type Branches, type TreeRow} from '../src/certificates/treeRows';

const cert = (id: number, name: string, issuer: number | null, more: Partial<Certificate> = {}): Certificate =>
	({id, display_name: name, issuer, children: 0, path: [], ...more}) as Certificate;
const ROOT = cert(1, 'Root', null, {children: 2});
const MID = cert(2, 'Intermediate', 1, {children: 1, path: [1]});
const DEEP = cert(3, 'Deep', 2, {path: [1, 2]});
const GATEWAY = cert(4, 'Gateway', 1, {path: [1]});
const ALL = [ROOT, MID, DEEP, GATEWAY, cert(5, 'Other root', 5), cert(6, 'Orphan', 99)];
const text = (row: TreeRow) => {
	const place = `${row.level}.${row.position}/${row.siblings}`;
	if ('moreOf' in row) return `${place} ${row.isLoading ? 'loading' : `more of ${row.moreOf}, ${row.left} left`}`;
	return `${place} ${row.certificate.display_name}${row.hasChildren ? (row.isExpanded ? ' -' : ' +') : ''}`;
};
const whole = (collapsed: number[]) => treeRows(branchesOf(ALL), (c) => !collapsed.includes(c.id), (c) => c.children > 0).map(text);

test.each([
	['everything', [], ['1.1/3 Root -', '2.1/2 Intermediate -', '3.1/1 Deep', '2.2/2 Gateway', '1.2/3 Other root', '1.3/3 Orphan']],
	['a collapsed root hides what is below', [1], ['1.1/3 Root +', '1.2/3 Other root', '1.3/3 Orphan']],
	['a collapsed intermediate', [2], ['1.1/3 Root -', '2.1/2 Intermediate +', '2.2/2 Gateway', '1.2/3 Other root', '1.3/3 Orphan']],
] as [string, number[], string[]][])('all there is: %s', (_name, collapsed, wanted) => {
	expect(whole(collapsed)).toEqual(wanted);
});

const BIG = cert(7, 'Big', null, {children: 1000});
const top = {items: [ROOT, BIG], isMore: false};

test.each([
	['closed branches are not asked for', new Map([[TOP, top]]), [], ['1.1/2 Root +', '1.2/2 Big +']],
	['one that was opened and is on its way', new Map([[TOP, top]]), [1], ['1.1/2 Root -', '2.1/2 loading', '1.2/2 Big +']],
	['one that is there in part', new Map([[TOP, top], [7, {items: [cert(8, 'a', 7), cert(9, 'b', 7)], isMore: true}]]), [7],
		['1.1/2 Root +', '1.2/2 Big -', '2.1/1000 a', '2.2/1000 b', '2.3/1000 more of 7, 998 left']],
	['one that has grown since its issuer was read', new Map([[TOP, {items: [cert(7, 'Big', null, {children: 1})], isMore: false}], [7, {items: [cert(8, 'a', 7), cert(9, 'b', 7)], isMore: true}]]), [7],
		['1.1/1 Big -', '2.1/3 a', '2.2/3 b', '2.3/3 more of 7, 1 left']],
	['more at the top than is known of', new Map([[TOP, {items: [ROOT], isMore: true}]]), [], ['1.1/-1 Root +', '1.2/-1 more of 0, null left']],
] as [string, Branches, number[], string[]][])('branch by branch: %s', (_name, branches, open, wanted) => {
	expect(treeRows(branches, (c) => open.includes(c.id), (c) => c.children > 0).map(text)).toEqual(wanted);
});

test.each([
	['below its issuers', [DEEP], [MID, ROOT], [1, 2], ['1.1/1 Root -', '2.1/1 Intermediate -', '3.1/1 Deep']],
	['an issuer that is found itself, without what else it issued', [ROOT, GATEWAY], [], [], ['1.1/1 Root -', '2.1/1 Gateway']],
	['an issuer that is gone by now', [GATEWAY], [], [1], ['1.1/1 Gateway']],
	['nothing', [], [], [], []],
] as [string, Certificate[], Certificate[], number[], string[]][])('found: %s', (_name, hits, issuers, above, wanted) => {
	expect(issuersAbove(hits)).toEqual(above);
	expect(foundRows(hits, issuers).map(text)).toEqual(wanted);
});
