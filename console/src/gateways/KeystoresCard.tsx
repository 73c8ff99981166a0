import {Button, Card, CardBody, CardTitle, Label} from '@patternfly/react-core';
import {Table, Tbody, Td, Th, Thead, Tr} from '@patternfly/react-table';
import {Link} from 'react-router-dom';
import type {Certificate, Keystore} from '../api/types';
import {useI18n} from '../i18n';

interface KeystoresCardProps {
	keystores: Keystore[];
	certificates: Certificate[];
	onRollback?: (keystore: Keystore) => void;
	isBusy: boolean;
}

/** The keystores that were installed, newest first; each earlier one can come back. */
export function KeystoresCard({keystores, certificates, onRollback, isBusy}: KeystoresCardProps) {
	const {t, dateTime} = useI18n();
	return (
		<Card component="section">
			<CardTitle component="h2">{t('keystores.title')}</CardTitle>
			<CardBody>
				{keystores.length === 0 ? (
					<p className="gw-subtle">{t('keystores.empty')}</p>
				) : (
					<Table variant="compact" aria-label={t('keystores.title')}>
						<Thead>
							<Tr>
								<Th>{t('keystores.generation')}</Th>
								<Th>{t('keystores.certificate')}</Th>
								<Th>{t('keystores.installed')}</Th>
								<Th>{t('keystores.job')}</Th>
								<Th screenReaderText={t('common.actions')} />
							</Tr>
						</Thead>
						<Tbody>
							{keystores.map((keystore) => {
								const certificate = certificates.find((c) => c.id === keystore.certificate);
								return (
									<Tr key={`${keystore.generation}-${keystore.job}`}>
										<Td dataLabel={t('keystores.generation')} modifier="breakWord"><code>{keystore.generation}</code></Td>
										<Td dataLabel={t('keystores.certificate')}>{certificate ? <Link to={`/certificates/${certificate.id}`}>{certificate.display_name}</Link> : '–'}</Td>
										<Td dataLabel={t('keystores.installed')}>{keystore.installed_at ? dateTime(keystore.installed_at) : t('keystores.before')}</Td>
										<Td dataLabel={t('keystores.job')}><Link to={`/jobs/${keystore.job}`}>{t('jobs.number', {id: keystore.job})}</Link></Td>
										<Td dataLabel={t('common.actions')}>
											{keystore.current ? (
												<Label status="success" isCompact>{t('keystores.current')}</Label>
											) : (
												onRollback && <Button variant="secondary" size="sm" isDisabled={isBusy} onClick={() => onRollback(keystore)}>{t('keystores.rollBack')}</Button>
											)}
										</Td>
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
