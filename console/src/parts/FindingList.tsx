import {List, ListItem} from '@patternfly/react-core';
import ExclamationCircleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import InfoCircleIcon from '@patternfly/react-icons/dist/esm/icons/info-circle-icon';
import type {Finding} from '../api/types';
import {useI18n} from '../i18n';
import {FindingText} from './FindingText';

const ICONS = {blocker: ExclamationCircleIcon, warning: ExclamationTriangleIcon, note: InfoCircleIcon};

/** Findings, each with its severity as icon and word. */
export function FindingList({findings}: {findings: Finding[]}) {
	const {t} = useI18n();
	return (
		<List isPlain>
			{findings.map((finding, i) => {
				const Icon = ICONS[finding.severity];
				return (
					<ListItem key={i} icon={<Icon className={`gw-${finding.severity}`} />}>
						<span className="pf-v6-screen-reader">{t(`severity.${finding.severity}`)}: </span>
						<FindingText finding={finding} /> <span className="gw-subtle">({finding.id})</span>
					</ListItem>
				);
			})}
		</List>
	);
}
