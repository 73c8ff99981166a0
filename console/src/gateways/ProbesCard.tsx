import {Card, CardBody, CardTitle, Label} from '@patternfly/react-core';
import {Table, Tbody, Td, Th, Thead, Tr} from '@patternfly/react-table';
import {Link} from 'react-router-dom';
import type {Certificate, ProbeRecord} from '../api/types';
import {useI18n} from '../i18n';

interface ProbesCardProps {
	records: ProbeRecord[];
	certificates: Certificate[];
}

/** What was looked at and seen, newest first. */
export function ProbesCard({records, certificates}: ProbesCardProps) {
	const {t, dateTime} = useI18n();
	const namesOf = (record: ProbeRecord) => {
		const names = record.probes.map((probe) => certificates.find((c) => c.fingerprint === probe.fingerprint)?.display_name ?? probe.error ?? t('probe.stranger'));
		return [...new Set(names)].join(', ');
	};
	return (
		<Card component="section">
			<CardTitle component="h2">{t('probes.title')}</CardTitle>
			<CardBody>
				{records.length === 0 ? (
					<p className="gw-subtle">{t('probes.empty')}</p>
				) : (
					<Table variant="compact" aria-label={t('probes.title')}>
						<Thead>
							<Tr>
								<Th>{t('probes.at')}</Th>
								<Th>{t('probe.result')}</Th>
								<Th>{t('probes.seen')}</Th>
								<Th>{t('keystores.job')}</Th>
							</Tr>
						</Thead>
						<Tbody>
							{records.map((record) => {
								const good = record.probes.filter((probe) => probe.ok).length;
								return (
									<Tr key={record.id}>
										<Td dataLabel={t('probes.at')}>{dateTime(record.probed_at)}</Td>
										<Td dataLabel={t('probe.result')}><Label isCompact status={good === record.probes.length ? 'success' : 'danger'}>{t('probes.good', {good, all: record.probes.length})}</Label></Td>
										<Td dataLabel={t('probes.seen')} modifier="breakWord">{namesOf(record)}</Td>
										<Td dataLabel={t('keystores.job')}>{record.job ? <Link to={`/jobs/${record.job}`}>{t('jobs.number', {id: record.job})}</Link> : '–'}</Td>
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
