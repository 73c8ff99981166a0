import {Card, CardBody, CardTitle, DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm, PageSection, Stack, StackItem} from '@patternfly/react-core';
import {useState, type ReactNode} from 'react';
import {Link, useNavigate, useParams} from 'react-router-dom';
import {getCertificate, getCertificates} from '../api/certificates';
import type {Certificate, CertificateWhole} from '../api/types';
import {useI18n} from '../i18n';
import {ActionMenu} from '../parts/ActionMenu';
import {Fingerprint} from '../parts/Fingerprint';
import {DaysLeft, StatusLabel, UsedLabels} from '../parts/Labels';
import {LoadedView} from '../parts/LoadedView';
import {PageHead} from '../parts/PageHead';
import {TERM_WIDTH} from '../parts/termWidth';
import {useLoad} from '../parts/useLoad';
import {CertificateDialogs} from './CertificateDialogs';
import {ChainPicture} from './ChainPicture';
import {FieldsTable} from './FieldsTable';
import {useCertificateActions, type CertificateDialog} from './useCertificateActions';

interface Content {
	certificate: CertificateWhole;
	chain: CertificateWhole[];
	/** What it renews, and what renews it. */
	kin: Certificate[];
}

async function loadContent(id: number, signal: AbortSignal): Promise<Content> {
	const certificate = await getCertificate(id, signal);
	const [kin, ...above] = await Promise.all([
		getCertificates([...certificate.successors, ...(certificate.predecessor ? [certificate.predecessor] : [])], signal),
		...certificate.chain.slice(1).map((one) => getCertificate(one, signal)),
	]);
	return {certificate, chain: [certificate, ...above], kin};
}

/** What is in a certificate. */
export function CertificatePage() {
	const {t} = useI18n();
	const id = Number(useParams().id);
	const navigate = useNavigate();
	const loaded = useLoad((signal) => loadContent(id, signal), [id]);
	const [dialog, setDialog] = useState<CertificateDialog | null>(null);
	const certificate = loaded.data?.certificate;
	return (
		<>
			<PageHead
				key={id}
				title={certificate?.display_name ?? t('certificates.one')}
				lead={certificate && <>{t(`kind.${certificate.kind}`)} · <StatusLabel certificate={certificate} /></>}
				above={[[t('nav.certificates'), '/certificates']]}
				actions={certificate && <PageMenu certificate={certificate} onDialog={setDialog} />}
			/>
			<PageSection hasBodyWrapper={false}>
				<LoadedView loaded={loaded}>{(content) => <ContentView {...content} />}</LoadedView>
			</PageSection>
			<CertificateDialogs dialog={dialog} onClose={() => setDialog(null)} onChanged={(isGone) => (isGone ? navigate('/certificates') : loaded.reload())} />
		</>
	);
}

function PageMenu({certificate, onDialog}: {certificate: CertificateWhole; onDialog: (dialog: CertificateDialog) => void}) {
	const {t} = useI18n();
	return <ActionMenu label={t('certificates.menu', {name: certificate.display_name})} actions={useCertificateActions(certificate, onDialog)} />;
}

function ContentView({certificate, chain, kin}: Content) {
	const {t, dateTime} = useI18n();
	const facts: [string, ReactNode][] = [
		[t('certificates.id'), certificate.id],
		[t('certificates.subject'), certificate.subject],
		[t('certificates.names'), certificate.names.join(', ') || '–'],
		[t('certificates.validFrom'), dateTime(certificate.not_before)],
		[t('certificates.expires'), <>{dateTime(certificate.not_after)} (<DaysLeft days={certificate.days_left} />)</>],
		[t('certificates.privateKey'), t(certificate.has_key ? 'certificates.hasKey' : 'certificates.noKey')],
		[t('certificates.used'), <UsedLabels uses={certificate.used_by} />],
		[t('certificates.predecessor'), certificate.predecessor ? <CertificateLink id={certificate.predecessor} kin={kin} /> : '–'],
		[t('certificates.successors'), certificate.successors.length > 0 ? <span className="gw-labels">{certificate.successors.map((one) => <CertificateLink key={one} id={one} kin={kin} />)}</span> : '–'],
	];
	return (
		<Stack hasGutter>
			<StackItem>
				<Card component="section">
					<CardTitle component="h2">{t('certificates.chain')}</CardTitle>
					<CardBody><ChainPicture chain={chain} /></CardBody>
				</Card>
			</StackItem>
			<StackItem>
				<Card component="section">
					<CardTitle component="h2">{t('certificates.facts')}</CardTitle>
					<CardBody>
						<DescriptionList isHorizontal isCompact horizontalTermWidthModifier={TERM_WIDTH}>
							{facts.map(([term, description]) => (
								<DescriptionListGroup key={term}>
									<DescriptionListTerm>{term}</DescriptionListTerm>
									<DescriptionListDescription>{description}</DescriptionListDescription>
								</DescriptionListGroup>
							))}
							<DescriptionListGroup>
								<DescriptionListTerm>{t('certificates.fingerprint')}</DescriptionListTerm>
								<DescriptionListDescription><Fingerprint hex={certificate.fingerprint} /></DescriptionListDescription>
							</DescriptionListGroup>
						</DescriptionList>
					</CardBody>
				</Card>
			</StackItem>
			<StackItem>
				<Card component="section">
					<CardTitle component="h2">{t('certificates.content')}</CardTitle>
					<CardBody><FieldsTable fields={certificate.fields} /></CardBody>
				</Card>
			</StackItem>
		</Stack>
	);
}

function CertificateLink({id, kin}: {id: number; kin: Certificate[]}) {
	const {t} = useI18n();
	const name = kin.find((one) => one.id === id)?.display_name;
	const number = t('certificates.number', {id});
	return <Link to={`/certificates/${id}`}>{name ? `${name} (${number})` : number}</Link>;
}
