import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {ACTIONS, actionKey, actorOf, filterOf, NO_FILTER} from '../src/audit/filter';
import {de} from '../src/i18n/de';
import {en} from '../src/i18n/en';

test('each action of the server has its words, and no other', () => {
	const known = [...readFileSync('../schema/audit.def', 'utf8').matchAll(/^AUDIT_ACTION\(\w+, "([a-z.-]+)"/gm)].map((match) => match[1]);
	expect(known.length).toBeGreaterThan(20);
	expect([...ACTIONS].sort()).toEqual([...known].sort());
	for (const catalogue of [en, de]) for (const one of known) expect(known).not.toContain(catalogue[actionKey(one ?? '') ?? 'common.all']);
});

test('an action that a newer server writes stands as it is', () => expect(actionKey('gateway.paint')).toBeNull());

test.each([
	['nothing', '', ''],
	['only a space', ' ', ''],
	['a name is a user', ' ada ', 'user:ada'],
	['as the log writes it', 'user:ada', 'user:ada'],
	['no user', 'system', 'system'],
])('whom the log means: %s', (_name, typed, wanted) => expect(actorOf(typed)).toBe(wanted));

test('the filter has what was typed, without spaces around it', () => {
	expect(filterOf({...NO_FILTER, actor: 'ada', object: ' job:3 ', action: 'job.end'})).toMatchObject({actor: 'user:ada', object: 'job:3', action: 'job.end'});
});
