import {Alert, Button, Card, CardBody, CardTitle, DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm} from '@patternfly/react-core';
import {useState, type ReactNode} from 'react';
import {lookAtHostKey, pinHostKey} from '../api/gateways';
import type {Gateway, HostKey} from '../api/types';
import {useI18n} from '../i18n';
import {ProblemAlert} from '../parts/ProblemAlert';
import {TERM_WIDTH} from '../parts/termWidth';
import {useAction} from '../parts/useAction';
import {useSession} from '../session/SessionProvider';

interface HostCardProps {
	gateway: Gateway;
	onPinned: () => void;
}

/** How the host is reached, and the key by which it is known. */
export function HostCard({gateway, onPinned}: HostCardProps) {
	const {t} = useI18n();
	const {may} = useSession();
	const {ssh} = gateway;
	const [seen, setSeen] = useState<HostKey | null>(null);
	const look = useAction(async () => setSeen(await lookAtHostKey(gateway.name, {host: ssh.host ?? '', port: ssh.port ?? 22})));
	const pin = useAction(async () => {
		if (!seen) return;
		await pinHostKey(gateway.name, seen.host_key);
		setSeen(null);
		onPinned();
	});
	const rows: [string, ReactNode][] = [
		[t('host.place'), ssh.host ? `${ssh.user ? `${ssh.user}@` : ''}${ssh.host}:${ssh.port ?? 22}` : t('host.none')],
		[t('host.pinned'), ssh.host_key ? <code className="gw-break">{ssh.host_key}</code> : t('host.notPinned')],
		...Object.entries(gateway.params).map(([name, value]): [string, ReactNode] => [name, <code key={name} className="gw-break">{value}</code>]),
	];
	return (
		<Card component="section">
			<CardTitle component="h2">{t('host.title')}</CardTitle>
			<CardBody>
				<DescriptionList isHorizontal isCompact horizontalTermWidthModifier={TERM_WIDTH}>
					{rows.map(([term, description]) => (
						<DescriptionListGroup key={term}>
							<DescriptionListTerm>{term}</DescriptionListTerm>
							<DescriptionListDescription>{description}</DescriptionListDescription>
						</DescriptionListGroup>
					))}
				</DescriptionList>
				<ProblemAlert error={look.error ?? pin.error} />
				{seen && (
					<Alert isInline component="p" variant={seen.matches ? 'success' : seen.pinned ? 'danger' : 'info'} title={t(seen.matches ? 'host.matches' : seen.pinned ? 'host.changed' : 'host.isNew')}>
						<p><code className="gw-break">{seen.host_key}</code> ({seen.type})</p>
						{!seen.matches && <p>{t(seen.pinned ? 'host.changedText' : 'host.compare')}</p>}
						{!seen.matches && may('DEPLOY') && (
							<Button variant={seen.pinned ? 'danger' : 'primary'} size="sm" isLoading={pin.busy} onClick={() => void pin.run()}>{t(seen.pinned ? 'host.replace' : 'host.pin')}</Button>
						)}
					</Alert>
				)}
				{may('DEPLOY') && ssh.host && <Button variant="secondary" size="sm" className="gw-gap-above" isLoading={look.busy} isDisabled={look.busy} onClick={() => void look.run()}>{t('host.look')}</Button>}
			</CardBody>
		</Card>
	);
}
