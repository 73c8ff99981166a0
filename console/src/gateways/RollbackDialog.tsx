import {Content} from '@patternfly/react-core';
import {useState} from 'react';
import {rollBack} from '../api/gateways';
import type {Certificate, Gateway, Job, Keystore} from '../api/types';
import {useI18n} from '../i18n';
import {Dialog} from '../parts/Dialog';
import {useAction} from '../parts/useAction';
import {HostKeyCheck, hostKeyAccepted} from '../renewal/HostKeyCheck';
import {SshFields} from '../renewal/SshFields';
import {firstSshForm, isSshComplete, loginOf, withoutSecrets} from '../renewal/sshForm';
import {useHostKey} from '../renewal/useHostKey';

interface RollbackDialogProps {
	gateway: Gateway;
	keystore: Keystore;
	/** What it holds, when that is known. */
	certificate?: Certificate;
	onClose: () => void;
	onStarted: (job: Job) => void;
}

/** Brings back a keystore that was installed earlier; proven like a new one. */
export function RollbackDialog({gateway, keystore, certificate, onClose, onStarted}: RollbackDialogProps) {
	const {t, date} = useI18n();
	const what = certificate ? `${certificate.display_name} (${t('certificates.number', {id: certificate.id})}, ${t('certificates.until', {date: date(certificate.not_after)})})` : t('rollback.unknown');
	const [form, setForm] = useState(() => firstSshForm(gateway));
	const [isAccepted, setAccepted] = useState(false);
	const hostKey = useHostKey(gateway.name, form.host, form.port);
	const action = useAction(async () => {
		try {
			onStarted(await rollBack(gateway.name, {generation: keystore.generation, ssh: loginOf(form), accept_host_key: isAccepted ? hostKey.data?.host_key : undefined, force_warnings: true}));
		} finally {
			setForm(withoutSecrets);
		}
	});
	return (
		<Dialog
			size="medium"
			title={t('rollback.title', {name: gateway.name})}
			submit={t('keystores.rollBack')}
			isDisabled={!isSshComplete(form) || !hostKeyAccepted(hostKey.data, isAccepted)}
			action={action}
			onClose={onClose}
		>
			<Content component="p">{t('rollback.text', {certificate: what, generation: keystore.generation})}</Content>
			<SshFields form={form} onChange={setForm} />
			<HostKeyCheck hostKey={hostKey} isAccepted={isAccepted} onAccept={setAccepted} />
		</Dialog>
	);
}
