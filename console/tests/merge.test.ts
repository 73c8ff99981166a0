import {expect, test} from 'vitest';
import {firstGatewayForm, mergeGatewayForm} from '../src/gateways/gatewayForm';
import {mergeForms} from '../src/parts/merge';

test.each([
	['nothing changed', {a: '1'}, {a: '1'}, {a: '1'}, '1', []],
	['only mine', {a: '1'}, {a: '2'}, {a: '1'}, '2', []],
	['only theirs is taken', {a: '1'}, {a: '1'}, {a: '2'}, '2', [{field: 'a', theirs: '2', mine: null}]],
	['both: mine stays and is said', {a: '1'}, {a: '3'}, {a: '2'}, '3', [{field: 'a', theirs: '2', mine: '3'}]],
	['both did the same', {a: '1'}, {a: '2'}, {a: '2'}, '2', []],
	['a switch', {a: false}, {a: false}, {a: true}, true, [{field: 'a', theirs: true, mine: null}]],
])('%s', (_name, old, mine, theirs, wanted, changes) => {
	const merged = mergeForms<Record<string, string | boolean>>(old, mine, theirs);
	expect(merged.form.a).toBe(wanted);
	expect(merged.changes).toEqual(changes);
});

test('a parameter of a gateway that somebody else added, and one that went', () => {
	const form = {...firstGatewayForm(null, []), params: {a: '1', b: '2'}};
	const merged = mergeGatewayForm(form, {...form, tls: 'x:1'}, {...form, params: {a: '1', c: '3'}});
	expect(merged.form).toMatchObject({tls: 'x:1', params: {a: '1', c: '3'}});
	expect(merged.form.params).not.toHaveProperty('b');
	expect(merged.changes.map((change) => change.field)).toEqual(['param:b', 'param:c']);
});
