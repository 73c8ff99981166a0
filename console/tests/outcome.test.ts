import {expect, test} from 'vitest';
import {detailOf, outcomeKey} from '../src/jobs/outcome';

test.each([
	['an update', 'update', 'confirmed', 'outcome.confirmed', 'x'],
	['a roll-back that worked brought back something old', 'rollback', 'confirmed', 'outcome.back', null],
	['a roll-back that did not', 'rollback', 'failed', 'outcome.failed', 'x'],
	['without an outcome', 'update', null, 'outcome.unknown', 'x'],
] as const)('%s', (_name, kind, outcome, key, detail) => {
	expect(outcomeKey({kind, outcome})).toBe(key);
	expect(detailOf({kind, outcome, detail: 'x'})).toBe(detail);
});
