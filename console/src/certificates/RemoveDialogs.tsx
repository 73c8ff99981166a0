import {Content} from '@patternfly/react-core';
import {deleteCertificate, getCertificate, revokeCertificate} from '../api/certificates';
import type {Certificate} from '../api/types';
import {useI18n} from '../i18n';
import {Dialog} from '../parts/Dialog';
import {useToast} from '../parts/Toasts';
import {useAction} from '../parts/useAction';
import {useLoad} from '../parts/useLoad';

interface RemoveDialogProps {
	certificate: Certificate;
	onClose: () => void;
	onDone: () => void;
}

/** The certificate as it is when the question is asked: a list's has no ETag. */
function useSeen({id}: Certificate) {
	return useLoad((signal) => getCertificate(id, signal), [id]);
}

export function RevokeDialog({certificate, onClose, onDone}: RemoveDialogProps) {
	const {t} = useI18n();
	const say = useToast();
	const seen = useSeen(certificate);
	const action = useAction(async () => {
		await revokeCertificate(seen.data ?? certificate);
		say(t('certificates.revoked', {name: certificate.display_name}));
		onDone();
	});
	return (
		<Dialog title={t('certificates.revokeTitle', {name: certificate.display_name})} submit={t('certificates.revoke')} isDanger isDisabled={!seen.data && !seen.error} action={action} onClose={onClose} onReload={seen.reload}>
			<Content component="p">{t('certificates.revokeText')}</Content>
		</Dialog>
	);
}

export function DeleteDialog({certificate, onClose, onDone}: RemoveDialogProps) {
	const {t} = useI18n();
	const say = useToast();
	const seen = useSeen(certificate);
	const action = useAction(async () => {
		await deleteCertificate(seen.data ?? certificate);
		say(t('certificates.deleted', {name: certificate.display_name}));
		onDone();
	});
	return (
		<Dialog title={t('certificates.deleteTitle', {name: certificate.display_name})} submit={t('certificates.delete')} isDanger isDisabled={!seen.data && !seen.error} action={action} onClose={onClose} onReload={seen.reload}>
			<Content component="p">{t(certificate.has_key ? 'certificates.deleteTextKey' : 'certificates.deleteText')}</Content>
		</Dialog>
	);
}
