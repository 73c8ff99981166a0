import {Button, Card, CardBody, CardTitle, PageSection, Stack, StackItem} from '@patternfly/react-core';
import {useState} from 'react';
import {Link, useParams} from 'react-router-dom';
import {cancelJob} from '../api/jobs';
import {useI18n} from '../i18n';
import {Dialog} from '../parts/Dialog';
import {JobLabel} from '../parts/Labels';
import {PageHead} from '../parts/PageHead';
import {useAction} from '../parts/useAction';
import {useSession} from '../session/SessionProvider';
import {JobProgress} from './JobProgress';
import {JobResult} from './JobResult';
import {useFollowedJob} from './useFollowedJob';

export function JobPage() {
	const {t, dateTime} = useI18n();
	const {may} = useSession();
	const id = Number(useParams().id);
	const followed = useFollowedJob(id);
	const [isCancel, setCancel] = useState(false);
	const {job} = followed;
	const cancel = useAction(async () => {
		await cancelJob(id);
		setCancel(false);
	});
	return (
		<>
			<PageHead
				title={t('jobs.number', {id})}
				lead={job && <>{t(`jobKind.${job.kind}`)} · <Link to={`/gateways/${job.gateway}`}>{job.gateway}</Link> · {dateTime(job.created_at)} · <JobLabel job={job} /></>}
				above={[[t('nav.jobs'), '/jobs']]}
				actions={job && !job.done && may('DEPLOY') && <Button variant="secondary" isDanger onClick={() => setCancel(true)}>{t('jobs.cancel')}</Button>}
			/>
			<PageSection hasBodyWrapper={false}>
				<Stack hasGutter>
					{job?.done && (
						<StackItem>
							<Card component="section"><CardTitle component="h2">{t('jobs.result')}</CardTitle><CardBody><JobResult job={job} /></CardBody></Card>
						</StackItem>
					)}
					<StackItem>
						<Card component="section"><CardTitle component="h2">{t('jobs.steps')}</CardTitle><CardBody><JobProgress followed={followed} /></CardBody></Card>
					</StackItem>
				</Stack>
			</PageSection>
			{isCancel && <Dialog title={t('jobs.cancelTitle', {id})} description={t('jobs.cancelText')} submit={t('jobs.cancel')} isDanger action={cancel} onClose={() => setCancel(false)} />}
		</>
	);
}
