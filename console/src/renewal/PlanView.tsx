import {Content, ExpandableSection, List, ListComponent, ListItem, OrderType} from '@patternfly/react-core';
import {useState} from 'react';
import {planUpdate} from '../api/gateways';
import {sentenceOf} from '../api/problem';
import type {Plan} from '../api/types';
import {useI18n} from '../i18n';
import {LoadedView} from '../parts/LoadedView';
import {useLoad} from '../parts/useLoad';
import {usePause} from './usePause';
import {isPort, type SshForm} from './sshForm';

const PAUSE_MS = 600;

interface PlanViewProps {
	gateway: string;
	certificate: number;
	form: SshForm;
	hostKey?: string;
}

/** What will be done, line by line, before anything is: files and commands as they will be on the host. */
export function PlanView({gateway, certificate, form, hostKey}: PlanViewProps) {
	const {t, said} = useI18n();
	const [isOpen, setOpen] = useState(true);
	const {host, port, user} = form;
	const isKnown = host.trim() !== '' && isPort(port) && user.trim() !== '';
	const body = usePause(isKnown ? JSON.stringify({certificate, ssh: {host: host.trim(), port: Number(port), user: user.trim()}, accept_host_key: hostKey}) : '', PAUSE_MS);
	const loaded = useLoad<Plan>((signal) => (body ? planUpdate(gateway, JSON.parse(body), signal) : new Promise(() => undefined)), [gateway, body]);
	return (
		<ExpandableSection toggleText={t('plan.title')} isExpanded={isOpen} onToggle={(_event, open) => setOpen(open)}>
			<Content component="p">{t('plan.lead')}</Content>
			{body && (
				<LoadedView loaded={loaded}>
					{({plan}) => (
						<List component={ListComponent.ol} type={OrderType.number} aria-label={t('plan.title')} className="gw-break">
							{plan.map((sentence, i) => <ListItem key={i}><Sentence text={sentenceOf(said(sentence))} /></ListItem>)}
						</List>
					)}
				</LoadedView>
			)}
		</ExpandableSection>
	);
}

/** Fingerprints in it as such. */
function Sentence({text}: {text: string}) {
	return <>{text.split(/([0-9a-f]{64})/).map((part, i) => (i % 2 ? <code key={i}>{part}</code> : part))}</>;
}
