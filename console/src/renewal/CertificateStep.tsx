import {Alert, Checkbox, Content, ExpandableSection, Label, Radio} from '@patternfly/react-core';
import {useState} from 'react';
import {Link} from 'react-router-dom';
import {compareCertificates} from '../api/certificates';
import type {Candidates, Certificate, Gateway} from '../api/types';
import {ComparisonTable} from '../certificates/ComparisonTable';
import {useI18n} from '../i18n';
import {FindingList} from '../parts/FindingList';
import {DaysLeft} from '../parts/Labels';
import {LoadedView} from '../parts/LoadedView';
import {useLoad} from '../parts/useLoad';

interface CertificateStepProps {
	gateway: Gateway;
	candidates: Candidates;
	chosen: number | null;
	onChoose: (id: number) => void;
	isForced: boolean;
	onForce: (forced: boolean) => void;
}

/** The certificates that can be used, then the others, each with the reason why it can't. */
export function CertificateStep({gateway, candidates, chosen, onChoose, isForced, onForce}: CertificateStepProps) {
	const {t, tn} = useI18n();
	const [isOthers, setOthers] = useState(false);
	const usable = candidates.items.filter((item) => item.usable);
	const others = candidates.items.filter((item) => !item.usable);
	const warnings = usable.find((item) => item.certificate.id === chosen)?.findings.filter((finding) => finding.severity === 'warning') ?? [];
	const {current} = candidates;
	const create = current && <Link to={`/certificates/new?renews=${current.id}&gateway=${gateway.name}`}>{t('renewal.create')}</Link>;
	return (
		<>
			<Content component="h2">{t('renewal.step2')}</Content>
			{usable.length === 0 ? (
				<Alert isInline component="p" variant="warning" title={t('renewal.noneUsable')}>
					<p>{t('renewal.noneUsableText')}</p>
					{create}
				</Alert>
			) : (
				<div role="radiogroup" aria-label={t('renewal.step2')} className="gw-candidates">
					{usable.map(({certificate}) => (
						<Radio
							key={certificate.id}
							id={`candidate-${certificate.id}`}
							name="candidate"
							isChecked={chosen === certificate.id}
							onChange={() => onChoose(certificate.id)}
							label={<CandidateName certificate={certificate} />}
							description={certificate.names.join(', ')}
						/>
					))}
				</div>
			)}
			{warnings.length > 0 && (
				<Alert isInline component="p" variant="warning" title={tn('renewal.warnings', warnings.length)} className="gw-gap-above">
					<FindingList findings={warnings} />
					<Checkbox id="force-warnings" className="gw-gap-above" label={t('renewal.force')} isChecked={isForced} onChange={(_event, checked) => onForce(checked)} />
				</Alert>
			)}
			{current && chosen !== null && <WhatChanges current={current} candidate={chosen} />}
			{others.length > 0 && (
				<ExpandableSection toggleText={tn('renewal.others', others.length)} isExpanded={isOthers || usable.length === 0} onToggle={(_event, open) => setOthers(open)} className="gw-gap-above">
					<ul className="gw-others">
						{others.map(({certificate, findings}) => (
							<li key={certificate.id}>
								<CandidateName certificate={certificate} />
								<FindingList findings={findings} />
							</li>
						))}
					</ul>
				</ExpandableSection>
			)}
			{usable.length > 0 && create && <p className="gw-gap-above">{create}</p>}
		</>
	);
}

function CandidateName({certificate}: {certificate: Certificate}) {
	const {t, date} = useI18n();
	return (
		<>
			<strong>{certificate.display_name}</strong> <Label isCompact>{t('certificates.number', {id: certificate.id})}</Label>{' '}
			{t('certificates.until', {date: date(certificate.not_after)})} (<DaysLeft days={certificate.days_left} />)
		</>
	);
}

function WhatChanges({current, candidate}: {current: Certificate; candidate: number}) {
	const {t} = useI18n();
	const [isOpen, setOpen] = useState(false);
	const loaded = useLoad((signal) => compareCertificates(current.id, candidate, signal), [current.id, candidate]);
	return (
		<ExpandableSection toggleText={t('renewal.compare')} isExpanded={isOpen} onToggle={(_event, open) => setOpen(open)} className="gw-gap-above">
			{isOpen && <LoadedView loaded={loaded}>{(comparison) => <ComparisonTable comparison={comparison} current={t('compare.current')} candidate={t('compare.candidate')} />}</LoadedView>}
		</ExpandableSection>
	);
}
