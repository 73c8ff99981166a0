import {PageSection} from '@patternfly/react-core';
import {useSearchParams} from 'react-router-dom';
import {getCertificates, getRenewal, searchCertificates} from '../api/certificates';
import {getConsoleCertificate} from '../api/settings';
import type {Certificate, CertificateKind, CertificateRequest} from '../api/types';
import {useI18n} from '../i18n';
import {LoadedView} from '../parts/LoadedView';
import {PageHead} from '../parts/PageHead';
import {useLoad} from '../parts/useLoad';
import {CertificateFormView} from './CertificateFormView';
import {emptyForm, proposedIssuer, renewalForm, type CertificateForm} from './formRules';

interface Start {
	issuer: Certificate | undefined;
	predecessor: Certificate | undefined;
	prefill: CertificateRequest | null;
}

/** Whom to propose when nobody was chosen; the roots first. */
async function someIssuer(signal: AbortSignal): Promise<Certificate | undefined> {
	const served = (await getConsoleCertificate(signal)).certificate;
	const [own] = served === null ? [] : await getCertificates([served], signal);
	for (const kind of ['root', 'intermediate'] as const) {
		const issuer = proposedIssuer((await searchCertificates({kind}, 100, signal)).items, own);
		if (issuer) return issuer;
	}
	return undefined;
}

async function loadStart(renews: number | null, issuerId: number | null, signal: AbortSignal): Promise<Start> {
	const prefill = renews ? await getRenewal(renews, signal) : null;
	const known = await getCertificates([renews, prefill ? prefill.issuer : issuerId].filter((id): id is number => typeof id === 'number'), signal);
	const issuer = known.find((c) => c.id === (prefill ? prefill.issuer : issuerId));
	return {prefill, predecessor: known.find((c) => c.id === renews), issuer: prefill ? issuer : (issuer ?? (await someIssuer(signal)))};
}

function firstForm({issuer, prefill}: Start, kind: CertificateKind): CertificateForm {
	return prefill ? renewalForm(prefill, issuer, new Date()) : emptyForm(kind, kind === 'root' ? undefined : issuer, new Date());
}

/** A new certificate: a root, one below ?issuer=, or the successor of ?renews=. */
export function NewCertificatePage() {
	const {t} = useI18n();
	const [query] = useSearchParams();
	const renews = Number(query.get('renews')) || null;
	const issuer = Number(query.get('issuer')) || null;
	const kind: CertificateKind = query.get('kind') === 'root' ? 'root' : 'end-entity';
	const loaded = useLoad((signal) => loadStart(renews, issuer, signal), [renews, issuer]);
	const title = renews ? t('form.renewTitle', {name: loaded.data?.predecessor?.display_name ?? ''}) : t(kind === 'root' ? 'form.rootTitle' : 'form.title');
	const lead = t(renews ? 'form.renewLead' : kind === 'root' ? 'form.rootLead' : 'form.lead');
	return (
		<>
			<PageHead title={title} lead={lead} above={[[t('nav.certificates'), '/certificates']]} />
			<PageSection hasBodyWrapper={false}>
				<LoadedView loaded={loaded}>
					{(start) => (
						<CertificateFormView
							first={firstForm(start, kind)}
							prefill={start.prefill}
							firstIssuer={start.issuer}
							gateway={query.get('gateway')}
						/>
					)}
				</LoadedView>
			</PageSection>
		</>
	);
}
