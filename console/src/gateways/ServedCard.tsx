import {Alert, Card, CardBody, CardTitle, Label} from '@patternfly/react-core';
import {Table, Tbody, Td, Th, Thead, Tr} from '@patternfly/react-table';
import {Link} from 'react-router-dom';
import type {Certificate, Gateway} from '../api/types';
import {useI18n} from '../i18n';
import {DaysLeft} from '../parts/Labels';

interface ServedCardProps {
	gateway: Gateway;
	certificates: Certificate[];
}

/** What should be served, and what the last look saw at every address and name. */
export function ServedCard({gateway, certificates}: ServedCardProps) {
	const {t, dateTime} = useI18n();
	const wanted = certificates.find((c) => c.id === gateway.certificate);
	const nameOf = (fingerprint: string | null) => certificates.find((c) => c.fingerprint === fingerprint);
	const probes = gateway.last_probe ?? [];
	return (
		<Card component="section">
			<CardTitle component="h2">{t('served.title')}</CardTitle>
			<CardBody>
				{wanted ? (
					<p>
						{t('served.wanted')} <Link to={`/certificates/${wanted.id}`}>{wanted.display_name}</Link> (<DaysLeft days={wanted.days_left} />
						{gateway.proven_at && <>, {t('served.proven', {at: dateTime(gateway.proven_at)})}</>})
					</p>
				) : (
					<Alert isInline component="p" variant="info" title={t('served.never')}>{t('served.neverText')}</Alert>
				)}
				{probes.length > 0 && (
					<Table variant="compact" aria-label={t('served.title')}>
						<Thead>
							<Tr>
								<Th>{t('probe.address')}</Th>
								<Th>{t('probe.name')}</Th>
								<Th>{t('probe.result')}</Th>
								<Th>{t('probe.certificate')}</Th>
								<Th>{t('probe.protocol')}</Th>
							</Tr>
						</Thead>
						<Tbody>
							{probes.map((probe, i) => {
								const served = nameOf(probe.fingerprint);
								const isRight = probe.ok && (!wanted || probe.fingerprint === wanted.fingerprint);
								return (
									<Tr key={i}>
										<Td dataLabel={t('probe.address')}>{probe.address}</Td>
										<Td dataLabel={t('probe.name')}>{probe.server_name || '–'}</Td>
										<Td dataLabel={t('probe.result')}><Label status={isRight ? 'success' : 'danger'} isCompact>{t(isRight ? 'probe.right' : probe.ok ? 'probe.other' : 'probe.failed')}</Label></Td>
										<Td dataLabel={t('probe.certificate')} modifier="breakWord">
											{served ? <Link to={`/certificates/${served.id}`}>{served.display_name}</Link> : (probe.error ?? <code>{probe.fingerprint?.slice(0, 16) ?? '–'}</code>)}
										</Td>
										<Td dataLabel={t('probe.protocol')}>{probe.protocol ?? '–'}</Td>
									</Tr>
								);
							})}
						</Tbody>
					</Table>
				)}
			</CardBody>
		</Card>
	);
}
