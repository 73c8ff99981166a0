import {PageSection} from '@patternfly/react-core';
import {useSearchParams} from 'react-router-dom';
import {getRenewal, listCertificates} from '../api/certificates';
import type {Certificate, CertificateKind, CertificateRequest} from '../api/types';
import {useI18n} from '../i18n';
import {LoadedView} from '../parts/LoadedView';
import {PageHead} from '../parts/PageHead';
import {useLoad} from '../parts/useLoad';
import {CertificateFormView} from './CertificateFormView';
import {emptyForm, renewalForm, type CertificateForm} from './formRules';

interface Start {
	certificates: Certificate[];
	prefill: CertificateRequest | null;
}

function firstForm({certificates, prefill}: Start, kind: CertificateKind, issuerId: number | null): CertificateForm {
	const issuerOf = (id: number | null | undefined) => certificates.find((c) => c.id === id);
	if (prefill) return renewalForm(prefill, issuerOf(prefill.issuer), new Date());
	const issuer = issuerOf(issuerId) ?? certificates.find((c) => c.kind !== 'end-entity' && c.has_key);
	return emptyForm(kind, kind === 'root' ? undefined : issuer, new Date());
}

/** A new certificate: a root, one below ?issuer=, or the successor of ?renews=. */
export function NewCertificatePage() {
	const {t} = useI18n();
	const [query] = useSearchParams();
	const renews = Number(query.get('renews')) || null;
	const issuer = Number(query.get('issuer')) || null;
	const kind: CertificateKind = query.get('kind') === 'root' ? 'root' : 'end-entity';
	const loaded = useLoad<Start>(
		async (signal) => ({certificates: await listCertificates(signal), prefill: renews ? await getRenewal(renews, signal) : null}),
		[renews],
	);
	const predecessor = loaded.data?.certificates.find((c) => c.id === renews);
	const title = renews ? t('form.renewTitle', {name: predecessor?.display_name ?? ''}) : t(kind === 'root' ? 'form.rootTitle' : 'form.title');
	const lead = t(renews ? 'form.renewLead' : kind === 'root' ? 'form.rootLead' : 'form.lead');
	return (
		<>
			<PageHead title={title} lead={lead} above={[[t('nav.certificates'), '/certificates']]} />
			<PageSection hasBodyWrapper={false}>
				<LoadedView loaded={loaded}>
					{(start) => (
						<CertificateFormView
							first={firstForm(start, kind, issuer)}
							prefill={start.prefill}
							issuers={start.certificates.filter((c) => c.kind !== 'end-entity' && c.has_key)}
							gateway={query.get('gateway')}
						/>
					)}
				</LoadedView>
			</PageSection>
		</>
	);
}
