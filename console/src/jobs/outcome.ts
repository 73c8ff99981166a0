import type {Job} from '../api/types';
import type {TextKey} from '../i18n/catalogue';

/** What came of a job, as a text: a roll-back that is confirmed brought back something old. */
export function outcomeKey({outcome, kind}: Pick<Job, 'outcome' | 'kind'>): TextKey {
	return kind === 'rollback' && outcome === 'confirmed' ? 'outcome.back' : `outcome.${outcome ?? 'unknown'}`;
}

/** The server's sentence about it; the one of a confirmed update is not true of a roll-back. */
export function detailOf({outcome, kind, detail}: Pick<Job, 'outcome' | 'kind' | 'detail'>): string | null {
	return kind === 'rollback' && outcome === 'confirmed' ? null : detail;
}
