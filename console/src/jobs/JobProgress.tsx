import {Alert, Progress, ProgressStep, ProgressStepper, Spinner} from '@patternfly/react-core';
import type {Job, JobState, JobStep} from '../api/types';
import {useI18n} from '../i18n';
import {ProblemAlert} from '../parts/ProblemAlert';
import type {FollowedJob} from './useFollowedJob';

const ORDER: JobState[] = ['queued', 'connecting', 'checked', 'staged', 'switched', 'probing', 'confirmed'];
const VARIANT_OF = {confirmed: 'success', 'rolled-back': 'warning', failed: 'danger', unknown: 'danger'} as const;
const VARIANTS = {started: 'info', done: 'success', failed: 'danger'} as const;

/** How far a job is, in percent of the states that a good one goes through. */
export function percentOf(job: Job): number {
	if (job.done) return 100;
	return Math.round((Math.max(0, ORDER.indexOf(job.state)) / (ORDER.length - 1)) * 100);
}

/** Step by step, with what the host printed. */
export function JobProgress({followed}: {followed: FollowedJob}) {
	const {t} = useI18n();
	const {job, steps, isLost, error} = followed;
	if (!job) return error ? <ProblemAlert error={error} /> : <Spinner aria-label={t('common.loading')} />;
	const stateText = t(`jobState.${job.state}`);
	return (
		<>
			{isLost && !job.done && <Alert isInline isPlain component="p" variant="warning" title={t('jobs.lost')} role="status" />}
			<Progress
				value={percentOf(job)}
				title={stateText}
				variant={job.done ? VARIANT_OF[job.outcome ?? 'unknown'] : undefined}
				measureLocation={job.done && job.outcome !== 'confirmed' ? 'none' : 'top'}
				aria-label={t('jobs.progress')}
				valueText={stateText}
			/>
			<p className="pf-v6-screen-reader" role="status">{stateText}</p>
			<ProgressStepper isVertical className="gw-steps" aria-label={t('jobs.steps')}>
				{steps.map((step) => (
					<StepView key={step.n} step={step} />
				))}
			</ProgressStepper>
		</>
	);
}

function StepView({step}: {step: JobStep}) {
	const {t, number, said} = useI18n();
	const time = step.time_ms === null ? null : t('jobs.seconds', {n: step.time_ms < 100 ? `< ${number(0.1)}` : number(Math.round(step.time_ms / 100) / 10)});
	const id = `job-step-${step.n}`;
	return (
		<ProgressStep
			id={id}
			titleId={`${id}-title`}
			variant={VARIANTS[step.outcome]}
			isCurrent={step.outcome === 'started'}
			aria-label={t(`stepOutcome.${step.outcome}`)}
			icon={step.outcome === 'started' ? <Spinner size="sm" isInline aria-label={t('stepOutcome.started')} /> : undefined}
			description={
				<>
					{step.detail && <span className="gw-block">{said(step.detail)}</span>}
					{step.host_output && (
						<span className="gw-block">
							<span className="gw-subtle">{t('jobs.hostOutput')}</span>
							<code className="gw-output">{step.host_output}</code>
						</span>
					)}
				</>
			}
		>
			<span className="gw-capital">{said(step.text)}</span> {time && <span className="gw-subtle">{time}</span>}
		</ProgressStep>
	);
}
