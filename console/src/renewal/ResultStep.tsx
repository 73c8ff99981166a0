import {Button, Content} from '@patternfly/react-core';
import type {Job} from '../api/types';
import {useI18n} from '../i18n';
import {JobProgress} from '../jobs/JobProgress';
import {JobResult} from '../jobs/JobResult';

/** What came of it: what was served before and is now, and the proof. */
export function ResultStep({job, onRetry}: {job: Job; onRetry: () => void}) {
	const {t} = useI18n();
	return (
		<>
			<Content component="h2">{t('renewal.step5')}</Content>
			<JobResult job={job} />
			{job.outcome !== 'confirmed' && (
				<>
					<Button variant="secondary" className="gw-gap-above" onClick={onRetry}>{t('renewal.again')}</Button>
					<Content component="h3" className="gw-gap-above">{t('jobs.steps')}</Content>
					<JobProgress followed={{job, steps: job.steps ?? [], isLost: false, error: null}} />
				</>
			)}
		</>
	);
}
