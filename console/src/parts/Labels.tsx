import {Label} from '@patternfly/react-core';
import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import {Link} from 'react-router-dom';
import type {Certificate, Job, Use} from '../api/types';
import {useI18n} from '../i18n';
import {outcomeKey} from '../jobs/outcome';

export const SOON_DAYS = 30;

export function StatusLabel({certificate}: {certificate: Certificate}) {
	const {t} = useI18n();
	const soon = certificate.status === 'valid' && certificate.days_left < SOON_DAYS;
	const status = soon ? 'warning' : certificate.status === 'valid' ? 'success' : certificate.status === 'not-yet-valid' ? 'info' : 'danger';
	return <Label status={status} isCompact>{soon ? t('status.soon') : t(`status.${certificate.status}`)}</Label>;
}

export function DaysLeft({days}: {days: number}) {
	const {tn, t} = useI18n();
	const text = days < 0 ? t('days.over') : tn('days', days);
	return <span className={days < 0 ? 'gw-blocker' : days < SOON_DAYS ? 'gw-warning' : undefined}>{text}</span>;
}

/** Where a certificate was seen in use; a proof, never a guess. */
export function UsedLabels({uses}: {uses: Use[]}) {
	const {t} = useI18n();
	if (uses.length === 0) return <span className="gw-subtle">{t('used.no')}</span>;
	return (
		<span className="gw-labels">
			{uses.map((use, i) =>
				use.gateway ? (
					<Label key={i} color="teal" isCompact icon={<CheckCircleIcon />} render={({className, content}) => <Link className={className} to={`/gateways/${use.gateway}`}>{content}</Link>}>
						{use.gateway}
					</Label>
				) : (
					<Label key={i} color="purple" isCompact icon={<CheckCircleIcon />}>{t('used.console')}</Label>
				),
			)}
		</span>
	);
}

export function JobLabel({job}: {job: Job}) {
	const {t} = useI18n();
	if (!job.done) return <Label status="info" isCompact>{t(`jobState.${job.state}`)}</Label>;
	const {outcome} = job;
	const status = outcome === 'confirmed' ? 'success' : outcome === 'rolled-back' ? 'warning' : 'danger';
	return <Label status={status} isCompact>{t(outcomeKey(job))}</Label>;
}
