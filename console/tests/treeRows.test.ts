import {expect, test} from 'vitest';
import type {Certificate} from '../src/api/types';
import {treeRows} from '../src/certificates/treeRows';

const cert = (id: number, name: string, issuer: number | null, more: Partial<Certificate> = {}): Certificate =>
	({id, display_name: name, issuer, subject: `CN=${name}`, names: [], fingerprint: `f${id}`.repeat(32), serial: `5${id}`, ...more}) as Certificate;
const ALL = [
	cert(1, 'Root', null), cert(2, 'Intermediate', 1), cert(3, 'Deep', 2, {names: ['gw.example.com']}), cert(4, 'Gateway', 1), cert(5, 'Other root', 5), cert(6, 'Orphan', 99),
];
const shown = (collapsed: number[], query: string) => treeRows(ALL, new Set(collapsed), query).map((row) => `${row.level}.${row.position}/${row.siblings} ${row.certificate.display_name}${row.hasChildren ? (row.isExpanded ? ' -' : ' +') : ''}`);

test.each([
	['everything', [], '', ['1.1/3 Root -', '2.1/2 Intermediate -', '3.1/1 Deep', '2.2/2 Gateway', '1.2/3 Other root', '1.3/3 Orphan']],
	['a collapsed root hides what is below', [1], '', ['1.1/3 Root +', '1.2/3 Other root', '1.3/3 Orphan']],
	['a search shows every issuer above, also collapsed ones', [1, 2], 'GW.example', ['1.1/1 Root -', '2.1/1 Intermediate -', '3.1/1 Deep']],
	['by fingerprint with colons', [], 'f4:f4', ['1.1/1 Root -', '2.1/1 Gateway']],
	['by serial number', [], '56', ['1.1/1 Orphan']],
	['nothing', [], 'nowhere', []],
] as [string, number[], string, string[]][])('treeRows: %s', (_name, collapsed, query, wanted) => {
	expect(shown(collapsed, query)).toEqual(wanted);
});
