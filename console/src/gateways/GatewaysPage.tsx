import {Button, Label, PageSection, SearchInput, Toolbar, ToolbarContent, ToolbarItem} from '@patternfly/react-core';
import NetworkIcon from '@patternfly/react-icons/dist/esm/icons/network-icon';
import {Table, Tbody, Td, Th, Thead, Tr} from '@patternfly/react-table';
import {useState} from 'react';
import {Link, useNavigate} from 'react-router-dom';
import {getCertificates} from '../api/certificates';
import {listGateways} from '../api/gateways';
import type {Certificate, Gateway} from '../api/types';
import {useI18n} from '../i18n';
import {Empty} from '../parts/Empty';
import {DaysLeft} from '../parts/Labels';
import {LoadedView} from '../parts/LoadedView';
import {PageHead} from '../parts/PageHead';
import {useLoad} from '../parts/useLoad';
import {useSettled} from '../parts/useSettled';
import {useSession} from '../session/SessionProvider';

const REFRESH_MS = 10000;
const STEP = 100;

export function GatewaysPage() {
	const {t} = useI18n();
	const {may} = useSession();
	const navigate = useNavigate();
	const [query, setQuery] = useState('');
	const [n, setN] = useState(STEP);
	const q = useSettled(query).trim();
	const loaded = useLoad(
		async (signal) => {
			const {items, next} = await listGateways({q}, n, signal);
			const ids = items.map((gateway) => gateway.certificate).filter((id): id is number => id !== null);
			const certificates = new Map((await getCertificates([...new Set(ids)], signal)).map((c) => [c.id, c]));
			return {gateways: items, isMore: next !== null, certificates};
		},
		[q],
		REFRESH_MS,
	);
	const more = () => {
		setN(n + STEP);
		loaded.reload();
	};
	const search = (
		<Toolbar>
			<ToolbarContent>
				<ToolbarItem className="gw-search"><SearchInput aria-label={t('gateways.search')} placeholder={t('gateways.search')} value={query} onChange={(_event, value) => setQuery(value)} onClear={() => setQuery('')} /></ToolbarItem>
			</ToolbarContent>
		</Toolbar>
	);
	const add = may('DEPLOY') && <Button onClick={() => navigate('/gateways/new')}>{t('gateways.add')}</Button>;
	return (
		<>
			<PageHead title={t('nav.gateways')} lead={t('gateways.lead')} actions={add} />
			<PageSection hasBodyWrapper={false}>
				{(query !== '' || n > STEP || loaded.data?.isMore) && search}
				<LoadedView loaded={loaded}>
					{({gateways, isMore, certificates}) =>
						gateways.length === 0 && !q ? (
							<Empty title={t('gateways.emptyTitle')} icon={NetworkIcon} actions={add}>{t('gateways.empty')}</Empty>
						) : (
							<>
							<Table variant="compact" aria-label={t('nav.gateways')}>
								<Thead>
									<Tr>
										<Th>{t('gateways.name')}</Th>
										<Th>{t('gateways.target')}</Th>
										<Th>{t('gateways.tls')}</Th>
										<Th>{t('gateways.serves')}</Th>
										<Th>{t('gateways.lastSeen')}</Th>
										<Th screenReaderText={t('common.actions')} />
									</Tr>
								</Thead>
								<Tbody>
									{gateways.map((gateway) => (
										<Row key={gateway.name} gateway={gateway} certificate={certificates.get(gateway.certificate ?? 0)} />
									))}
								</Tbody>
							</Table>
							{isMore && <Button variant="link" onClick={more}>{t('gateways.more')}</Button>}
							</>
						)
					}
				</LoadedView>
			</PageSection>
		</>
	);
}

function Row({gateway, certificate}: {gateway: Gateway; certificate?: Certificate}) {
	const {t, dateTime} = useI18n();
	const {may} = useSession();
	const navigate = useNavigate();
	return (
		<Tr>
			<Td dataLabel={t('gateways.name')} modifier="breakWord"><Link to={`/gateways/${gateway.name}`}>{gateway.name}</Link></Td>
			<Td dataLabel={t('gateways.target')}>{gateway.target}</Td>
			<Td dataLabel={t('gateways.tls')} modifier="breakWord">{gateway.tls.join(', ')}</Td>
			<Td dataLabel={t('gateways.serves')}>
				{certificate ? (
					<span><Link to={`/certificates/${certificate.id}`}>{certificate.display_name}</Link> (<DaysLeft days={certificate.days_left} />)</span>
				) : (
					<span className="gw-subtle">{t('gateways.unknown')}</span>
				)}
			</Td>
			<Td dataLabel={t('gateways.lastSeen')}>{gateway.proven_at ? dateTime(gateway.proven_at) : '–'}</Td>
			<Td dataLabel={t('common.actions')}>
				{gateway.active_job ? (
					<Label status="info" render={({className, content}) => <Link className={className} to={`/jobs/${gateway.active_job}`}>{content}</Link>}>{t('gateways.jobRuns')}</Label>
				) : (
					may('DEPLOY') && <Button variant="secondary" size="sm" aria-label={t('gateways.updateOf', {name: gateway.name})} onClick={() => navigate(`/gateways/${gateway.name}/update-keystore`)}>{t('gateways.update')}</Button>
				)}
			</Td>
		</Tr>
	);
}
