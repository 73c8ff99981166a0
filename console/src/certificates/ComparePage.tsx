import {Alert, Button, Label, PageSection} from '@patternfly/react-core';
import {useNavigate, useParams} from 'react-router-dom';
import {compareCertificates, getCertificate} from '../api/certificates';
import type {Certificate} from '../api/types';
import {useI18n} from '../i18n';
import {FindingList} from '../parts/FindingList';
import {LoadedView} from '../parts/LoadedView';
import {PageHead} from '../parts/PageHead';
import {useLoad} from '../parts/useLoad';
import {ComparisonTable} from './ComparisonTable';

/** Two certificates side by side: could the second take the place of the first? */
export function ComparePage() {
	const {t} = useI18n();
	const navigate = useNavigate();
	const params = useParams();
	const [id, other] = [Number(params.id), Number(params.other)];
	const nameOf = (one: Certificate) => `${one.display_name} (${t('certificates.number', {id: one.id})})`;
	const loaded = useLoad((signal) => Promise.all([getCertificate(id, signal), getCertificate(other, signal), compareCertificates(id, other, signal)]), [id, other]);
	return (
		<>
			<PageHead title={t('compare.title')} lead={t('compare.lead')} above={[[t('nav.certificates'), '/certificates']]} actions={<Button variant="secondary" onClick={() => navigate(`/certificates/${other}/compare/${id}`, {replace: true})}>{t('compare.swap')}</Button>} />
			<PageSection hasBodyWrapper={false}>
				<LoadedView loaded={loaded}>
					{([current, candidate, comparison]) => (
						<>
							<Alert isInline component="p" variant={comparison.compatible ? 'success' : 'danger'} title={t(comparison.compatible ? 'compare.compatible' : 'compare.incompatible', {current: nameOf(current), candidate: nameOf(candidate)})}>
								{comparison.findings.length > 0 && <FindingList findings={comparison.findings} />}
							</Alert>
							<ComparisonTable
								comparison={comparison}
								current={<>{current.display_name} <Label isCompact>{t('certificates.number', {id})}</Label></>}
								candidate={<>{candidate.display_name} <Label isCompact>{t('certificates.number', {id: other})}</Label></>}
							/>
						</>
					)}
				</LoadedView>
			</PageSection>
		</>
	);
}
