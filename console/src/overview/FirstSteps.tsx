import {Card, CardBody, CardTitle, StackItem} from '@patternfly/react-core';
import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import {Link} from 'react-router-dom';
import type {Overview} from '../api/types';
import {useI18n} from '../i18n';
import type {TextKey} from '../i18n/catalogue';

/** What comes first in a new installation; gone once there is a gateway. */
export function FirstSteps({counts}: {counts: Overview['counts']}) {
	const {t} = useI18n();
	if (counts.gateways > 0) return null;
	// the console's own root and certificate are there from the start
	const steps: [TextKey, string, boolean][] = [
		['first.root', '/certificates/new?kind=root', counts.roots > 1],
		['first.certificate', '/certificates/new', counts.end_entities > 1],
		['first.gateway', '/gateways/new', false],
	];
	return (
		<StackItem>
			<Card component="section">
				<CardTitle component="h2">{t('first.title')}</CardTitle>
				<CardBody>
					<ol className="gw-first">
						{steps.map(([key, to, isDone]) => (
							<li key={key}>
								{isDone ? <><CheckCircleIcon className="gw-done" title={t('first.done')} />{' '}</> : null}<Link to={to}>{t(key)}</Link>
							</li>
						))}
					</ol>
				</CardBody>
			</Card>
		</StackItem>
	);
}
