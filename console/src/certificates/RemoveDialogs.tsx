import {Content} from '@patternfly/react-core';
import {deleteCertificate, revokeCertificate} from '../api/certificates';
import type {Certificate} from '../api/types';
import {useI18n} from '../i18n';
import {Dialog} from '../parts/Dialog';
import {useToast} from '../parts/Toasts';
import {useAction} from '../parts/useAction';

interface RemoveDialogProps {
	certificate: Certificate;
	onClose: () => void;
	onDone: () => void;
}

export function RevokeDialog({certificate, onClose, onDone}: RemoveDialogProps) {
	const {t} = useI18n();
	const say = useToast();
	const action = useAction(async () => {
		await revokeCertificate(certificate.id);
		say(t('certificates.revoked', {name: certificate.display_name}));
		onDone();
	});
	return (
		<Dialog title={t('certificates.revokeTitle', {name: certificate.display_name})} submit={t('certificates.revoke')} isDanger action={action} onClose={onClose}>
			<Content component="p">{t('certificates.revokeText')}</Content>
		</Dialog>
	);
}

export function DeleteDialog({certificate, onClose, onDone}: RemoveDialogProps) {
	const {t} = useI18n();
	const say = useToast();
	const action = useAction(async () => {
		await deleteCertificate(certificate.id);
		say(t('certificates.deleted', {name: certificate.display_name}));
		onDone();
	});
	return (
		<Dialog title={t('certificates.deleteTitle', {name: certificate.display_name})} submit={t('certificates.delete')} isDanger action={action} onClose={onClose}>
			<Content component="p">{t(certificate.has_key ? 'certificates.deleteTextKey' : 'certificates.deleteText')}</Content>
		</Dialog>
	);
}
