import {Button, PageSection, Toolbar, ToolbarContent, ToolbarItem} from '@patternfly/react-core';
import HistoryIcon from '@patternfly/react-icons/dist/esm/icons/history-icon';
import {Table, Tbody, Td, Th, Thead, Tr} from '@patternfly/react-table';
import {useState} from 'react';
import {Link, useNavigate} from 'react-router-dom';
import {listJobs} from '../api/jobs';
import {sentenceOf} from '../api/problem';
import {useI18n} from '../i18n';
import {Empty} from '../parts/Empty';
import {JobLabel} from '../parts/Labels';
import {LoadedView} from '../parts/LoadedView';
import {PageHead} from '../parts/PageHead';
import {useLoad} from '../parts/useLoad';
import {GatewayFilter} from './GatewayFilter';
import {detailOf} from './outcome';

const REFRESH_MS = 5000;

export function JobsPage() {
	const {t, dateTime, said} = useI18n();
	const navigate = useNavigate();
	const [gateway, setGateway] = useState('');
	const [cursors, setCursors] = useState<string[]>([]);
	const cursor = cursors[cursors.length - 1];
	const loaded = useLoad((signal) => listJobs({gateway, cursor}, signal), [gateway, cursor], REFRESH_MS);
	const [hasJobs, setHasJobs] = useState(false); // what was typed stays while the list loads
	if (!hasJobs && loaded.data && loaded.data.items.length > 0) setHasJobs(true);
	const filter = (
		<Toolbar>
			<ToolbarContent>
				<ToolbarItem>
					<GatewayFilter
						value={gateway}
						onChange={(value) => {
							setGateway(value);
							setCursors([]);
						}}
					/>
				</ToolbarItem>
			</ToolbarContent>
		</Toolbar>
	);
	return (
		<>
			<PageHead title={t('nav.jobs')} lead={t('jobs.lead')} />
			<PageSection hasBodyWrapper={false}>
				{hasJobs && filter}
				<LoadedView loaded={loaded}>
					{({items, next}) =>
						items.length === 0 && !gateway && !cursor ? (
							<Empty title={t('jobs.emptyTitle')} icon={HistoryIcon} actions={<Button onClick={() => navigate('/gateways')}>{t('jobs.toGateways')}</Button>}>{t('jobs.empty')}</Empty>
						) : (
							<>
								<Table variant="compact" aria-label={t('nav.jobs')}>
									<Thead>
										<Tr>
											<Th>{t('jobs.one')}</Th>
											<Th>{t('jobs.kind')}</Th>
											<Th width={15}>{t('jobs.gateway')}</Th>
											<Th>{t('jobs.state')}</Th>
											<Th width={30}>{t('jobs.detail')}</Th>
											<Th>{t('jobs.created')}</Th>
										</Tr>
									</Thead>
									<Tbody>
										{items.map((job) => (
											<Tr key={job.id}>
												<Td dataLabel={t('jobs.one')} modifier="nowrap"><Link to={`/jobs/${job.id}`}>{t('jobs.number', {id: job.id})}</Link></Td>
												<Td dataLabel={t('jobs.kind')}>{t(`jobKind.${job.kind}`)}</Td>
												<Td dataLabel={t('jobs.gateway')} modifier="breakWord"><Link to={`/gateways/${job.gateway}`}>{job.gateway}</Link></Td>
												<Td dataLabel={t('jobs.state')}><JobLabel job={job} /></Td>
												<Td dataLabel={t('jobs.detail')} modifier="breakWord">{detailOf(job) === null ? '–' : sentenceOf(said(detailOf(job) ?? ''))}</Td>
												<Td dataLabel={t('jobs.created')} modifier="nowrap">{dateTime(job.created_at)}</Td>
											</Tr>
										))}
									</Tbody>
								</Table>
								{cursors.length > 0 && <Button variant="link" onClick={() => setCursors(cursors.slice(0, -1))}>{t('common.newer')}</Button>}
								{next && <Button variant="link" onClick={() => setCursors([...cursors, next])}>{t('common.older')}</Button>}
							</>
						)
					}
				</LoadedView>
			</PageSection>
		</>
	);
}
