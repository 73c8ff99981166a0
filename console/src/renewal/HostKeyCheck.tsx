import {Alert, AlertActionLink, Checkbox, Spinner} from '@patternfly/react-core';
import {sentenceOf} from '../api/problem';
import type {HostKey} from '../api/types';
import {useI18n} from '../i18n';
import type {Loaded} from '../parts/useLoad';

interface HostKeyCheckProps {
	hostKey: Loaded<HostKey>;
	isAccepted: boolean;
	onAccept: (accepted: boolean) => void;
}

/** Whether one may go on: the key is the pinned one, or a first one that somebody has compared. A changed one never. */
export function hostKeyAccepted(hostKey: HostKey | null, isAccepted: boolean): boolean {
	if (!hostKey) return false;
	return hostKey.matches || (hostKey.pinned === null && isAccepted);
}

/** Another key than the pinned one: nothing goes on. */
export const isChangedKey = (hostKey: HostKey): boolean => !hostKey.matches && hostKey.pinned !== null;

/** Who answers at the other end. */
export function HostKeyCheck({hostKey, isAccepted, onAccept}: HostKeyCheckProps) {
	const {t} = useI18n();
	const {data, error, reload} = hostKey;
	const again = <AlertActionLink onClick={reload}>{t('common.retry')}</AlertActionLink>;
	if (error) return <Alert isInline component="p" variant="danger" title={t('host.unreachable')} actionLinks={again} role="alert">{sentenceOf(error)}</Alert>;
	if (!data) return <p role="status"><Spinner size="md" aria-label={t('common.loading')} /> {t('host.looking')}</p>;
	const key = <p><code className="gw-break">{data.host_key}</code> ({data.type})</p>;
	if (data.matches) return <Alert isInline isPlain component="p" variant="success" title={t('host.matches')}>{key}</Alert>;
	if (data.pinned) {
		return (
			<Alert isInline component="p" variant="danger" title={t('host.changed')} actionLinks={again} role="alert">
				{key}
				<p>{t('host.pinned')}: <code className="gw-break">{data.pinned}</code></p>
				<p>{t('host.changedStop')}</p>
			</Alert>
		);
	}
	return (
		<Alert isInline component="p" variant="warning" title={t('host.isNew')}>
			{key}
			<p>{t('host.compare')}</p>
			<Checkbox id="host-key-accept" label={t('host.accept')} isChecked={isAccepted} onChange={(_event, checked) => onAccept(checked)} className="gw-gap-above" />
		</Alert>
	);
}
