import {Alert, Card, CardBody, CardTitle, Gallery, Label, PageSection, Stack, StackItem} from '@patternfly/react-core';
import {Link} from 'react-router-dom';
import {searchCertificates} from '../api/certificates';
import {getOverview} from '../api/overview';
import {sentenceOf} from '../api/problem';
import type {Attention, CertificateKind, GatewayState, Job, Overview} from '../api/types';
import {useI18n} from '../i18n';
import {DaysLeft, JobLabel} from '../parts/Labels';
import {LoadedView} from '../parts/LoadedView';
import {PageHead} from '../parts/PageHead';
import {useLoad} from '../parts/useLoad';
import {FirstSteps} from './FirstSteps';
import {TimelineCard} from './TimelineCard';
import {withIssuers} from './timelineLayout';

const REFRESH_MS = 10000;
/** So much of each list; what is worst, or ends first, is among it. */
const SHOWN = 50;
const ISSUER_KINDS: CertificateKind[] = ['root', 'intermediate'];

export function OverviewPage() {
	const {t} = useI18n();
	const loaded = useLoad(
		async (signal) => {
			const [overview, ...issuers] = await Promise.all([getOverview(SHOWN, signal), ...ISSUER_KINDS.map((kind) => searchCertificates({kind}, SHOWN, signal))]);
			return {...overview, timeline: withIssuers(overview.timeline, issuers.flatMap((page) => page.items))};
		},
		[],
		REFRESH_MS,
	);
	return (
		<>
			<PageHead title={t('nav.overview')} lead={t('overview.lead')} />
			<PageSection hasBodyWrapper={false}>
				<LoadedView loaded={loaded}>
					{(overview) => (
						<Stack hasGutter>
							<FirstSteps counts={overview.counts} />
							<StackItem><AttentionCard items={overview.attention} total={overview.totals.attention} /></StackItem>
							{overview.running.length > 0 && <StackItem><RunningCard jobs={overview.running} /></StackItem>}
							{overview.timeline.length > 0 && <StackItem><TimelineCard items={overview.timeline} total={overview.totals.timeline} now={overview.now} /></StackItem>}
							{overview.gateways.length > 0 && <StackItem><GatewayCards overview={overview} /></StackItem>}
						</Stack>
					)}
				</LoadedView>
			</PageSection>
		</>
	);
}

function addressOf(item: Attention): string {
	switch (item.kind) {
	case 'certificate':
		return `/certificates/${item.id}`;
	case 'gateway':
		return `/gateways/${item.name}`;
	case 'job':
		return `/jobs/${item.id}`;
	case 'approval':
	case 'console':
		return '/settings';
	}
}

function AttentionCard({items, total}: {items: Attention[]; total: number}) {
	const {t, tn, said} = useI18n();
	return (
		<Card component="section">
			<CardTitle component="h2">{t('overview.attention')}</CardTitle>
			<CardBody>
				{items.length === 0 ? (
					<Alert isInline isPlain component="p" variant="success" title={t('overview.nothing')} />
				) : (
					<Stack>
						{items.map((item, i) => (
							<StackItem key={i}><Alert isInline isPlain component="p" variant={item.severity} title={<Link to={addressOf(item)}>{sentenceOf(said(item.text))}</Link>} /></StackItem>
						))}
						{total > items.length && <StackItem className="gw-subtle">{tn('overview.attentionMore', total - items.length)}</StackItem>}
					</Stack>
				)}
			</CardBody>
		</Card>
	);
}

function RunningCard({jobs}: {jobs: Job[]}) {
	const {t} = useI18n();
	return (
		<Card component="section">
			<CardTitle component="h2">{t('overview.running')}</CardTitle>
			<CardBody>
				<ul>
					{jobs.map((job) => (
						<li key={job.id}><Link to={`/jobs/${job.id}`}>{t('jobs.number', {id: job.id})}</Link> {t(`jobKind.${job.kind}`)}, {job.gateway} <JobLabel job={job} /></li>
					))}
				</ul>
			</CardBody>
		</Card>
	);
}

const STATUS = {ok: 'success', warning: 'warning', danger: 'danger', unknown: 'info'} as const;

function GatewayCards({overview}: {overview: Overview}) {
	const {t, tn} = useI18n();
	const {ok, warning, danger, unknown} = overview.totals.gateways;
	const more = ok + warning + danger + unknown - overview.gateways.length;
	const nameOf = (id: number | null) => overview.timeline.find((item) => item.certificate === id)?.display_name;
	return (
		<section aria-labelledby="overview-gateways">
			<h2 id="overview-gateways" className="gw-section">{t('nav.gateways')}</h2>
			<Gallery hasGutter minWidths={{default: '15rem'}}>
				{overview.gateways.map((gateway) => (
					<GatewayCard key={gateway.name} gateway={gateway} certificate={nameOf(gateway.certificate)} />
				))}
			</Gallery>
			{more > 0 && <p className="gw-gap-above"><Link to="/gateways">{tn('overview.gatewaysMore', more)}</Link></p>}
		</section>
	);
}

function GatewayCard({gateway, certificate}: {gateway: GatewayState; certificate?: string}) {
	const {t, dateTime} = useI18n();
	return (
		<Card isCompact>
			<CardTitle component="h3"><Link to={`/gateways/${gateway.name}`}>{gateway.name}</Link> <Label isCompact status={STATUS[gateway.state]}>{t(`gatewayState.${gateway.state}`)}</Label></CardTitle>
			<CardBody>
				<p>{certificate ?? t('gateways.unknown')}{gateway.days_left !== null && <>, <DaysLeft days={gateway.days_left} /></>}</p>
				<p className="gw-subtle">{gateway.probed_at ? t('overview.probed', {at: dateTime(gateway.probed_at)}) : t('overview.neverProbed')}</p>
				{gateway.active_job && <Link to={`/jobs/${gateway.active_job}`}>{t('gateways.jobRuns')}</Link>}
			</CardBody>
		</Card>
	);
}
