import {Alert, Content, DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm, List, ListComponent, ListItem, OrderType} from '@patternfly/react-core';
import type {ReactNode} from 'react';
import {Link} from 'react-router-dom';
import type {Candidates, Gateway} from '../api/types';
import {useI18n} from '../i18n';
import {DaysLeft} from '../parts/Labels';
import {TERM_WIDTH} from '../parts/termWidth';

interface GatewayStepProps {
	gateway: Gateway;
	candidates: Candidates;
}

/** Which gateway, why, and what is going to happen. */
export function GatewayStep({gateway, candidates}: GatewayStepProps) {
	const {t, date} = useI18n();
	const {current} = candidates;
	const rows: [string, ReactNode][] = [
		[t('gateways.name'), gateway.name],
		[t('gateways.target'), gateway.target],
		[t('gateways.tls'), gateway.tls.join(', ')],
		[t('renewal.current'), current ? <>{current.display_name}, {t('certificates.until', {date: date(current.not_after)})} (<DaysLeft days={current.days_left} />)</> : t('gateways.unknown')],
	];
	return (
		<>
			<Content component="h2">{t('renewal.step1')}</Content>
			{gateway.active_job && <Alert isInline component="p" variant="warning" title={t('renewal.busy')}><Link to={`?job=${gateway.active_job}`}>{t('jobs.number', {id: gateway.active_job})}</Link></Alert>}
			<DescriptionList isHorizontal isCompact horizontalTermWidthModifier={TERM_WIDTH}>
				{rows.map(([term, description]) => (
					<DescriptionListGroup key={term}>
						<DescriptionListTerm>{term}</DescriptionListTerm>
						<DescriptionListDescription>{description}</DescriptionListDescription>
					</DescriptionListGroup>
				))}
			</DescriptionList>
			<Content component="h3" className="gw-gap-above">{t('renewal.whatHappens')}</Content>
			<List component={ListComponent.ol} type={OrderType.number}>
				<ListItem>{t('renewal.what1')}</ListItem>
				<ListItem>{t('renewal.what2')}</ListItem>
				<ListItem>{t('renewal.what3')}</ListItem>
				<ListItem>{t('renewal.what4')}</ListItem>
			</List>
		</>
	);
}
