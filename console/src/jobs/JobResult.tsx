import {Alert, Button, DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm} from '@patternfly/react-core';
import {Link} from 'react-router-dom';
import {getCertificate} from '../api/certificates';
import {getProof} from '../api/jobs';
import {sentenceOf} from '../api/problem';
import type {Job} from '../api/types';
import {useI18n} from '../i18n';
import {download} from '../parts/download';
import {FindingList} from '../parts/FindingList';
import {Fingerprint} from '../parts/Fingerprint';
import {ProblemAlert} from '../parts/ProblemAlert';
import {TERM_WIDTH} from '../parts/termWidth';
import {useAction} from '../parts/useAction';
import {useLoad} from '../parts/useLoad';
import {detailOf, outcomeKey} from './outcome';

const VARIANTS = {confirmed: 'success', 'rolled-back': 'warning', failed: 'danger', unknown: 'danger'} as const;

/** The end of a job: its outcome, the certificates before and after, the proof to download. */
export function JobResult({job}: {job: Job}) {
	const {t, said} = useI18n();
	const outcome = job.outcome ?? 'unknown';
	const detail = detailOf(job);
	const loaded = useLoad(
		(signal) => Promise.all([job.previous, job.certificate].map((id) => (id ? getCertificate(id, signal).catch(() => null) : null))),
		[job.previous, job.certificate],
	);
	const [previous, wanted] = loaded.data ?? [null, null];
	const proof = useAction(async () => download(`proof-${job.id}.json`, await getProof(job.id), 'application/jose+json'));
	return (
		<>
			<Alert isInline component="p" variant={VARIANTS[outcome]} title={t(outcomeKey(job))} role="status">
				<p>{detail && sentenceOf(said(detail))}</p>
				<p>{t(`outcomeText.${outcome}`)}</p>
				{job.findings.length > 0 && <FindingList findings={job.findings} />}
			</Alert>
			<DescriptionList isHorizontal horizontalTermWidthModifier={TERM_WIDTH} className="gw-gap-above">
				{previous && (
					<DescriptionListGroup>
						<DescriptionListTerm>{t('result.before')}</DescriptionListTerm>
						<DescriptionListDescription><Link to={`/certificates/${previous.id}`}>{previous.display_name}</Link><Fingerprint hex={previous.fingerprint} /></DescriptionListDescription>
					</DescriptionListGroup>
				)}
				{wanted && (
					<DescriptionListGroup>
						<DescriptionListTerm>{t(job.kind === 'rollback' ? 'result.back' : 'result.wanted')}</DescriptionListTerm>
						<DescriptionListDescription><Link to={`/certificates/${wanted.id}`}>{wanted.display_name}</Link><Fingerprint hex={wanted.fingerprint} /></DescriptionListDescription>
					</DescriptionListGroup>
				)}
				<DescriptionListGroup>
					<DescriptionListTerm>{t('result.served')}</DescriptionListTerm>
					<DescriptionListDescription>{job.served_fingerprint ? <Fingerprint hex={job.served_fingerprint} /> : t(outcome === 'failed' ? 'result.untouched' : 'result.notSeen')}</DescriptionListDescription>
				</DescriptionListGroup>
			</DescriptionList>
			<ProblemAlert error={proof.error} />
			{job.proof && <Button variant="secondary" className="gw-gap-above" isLoading={proof.busy} onClick={() => void proof.run()}>{t('result.proof')}</Button>}
		</>
	);
}
