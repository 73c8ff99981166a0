import {Button, ClipboardCopy, Modal, ModalBody, ModalFooter, ModalHeader} from '@patternfly/react-core';
import {useI18n} from '../i18n';

interface OnceDialogProps {
	title: string;
	text: string;
	secret: string;
	onClose: () => void;
}

/** A secret that is shown this once. */
export function OnceDialog({title, text, secret, onClose}: OnceDialogProps) {
	const {t} = useI18n();
	return (
		<Modal isOpen variant="small" aria-labelledby="once-title" onEscapePress={() => undefined}>
			<ModalHeader title={title} description={text} labelId="once-title" />
			<ModalBody><ClipboardCopy isReadOnly hoverTip={t('common.copy')} clickTip={t('common.copied')} textAriaLabel={title}>{secret}</ClipboardCopy></ModalBody>
			<ModalFooter><Button onClick={onClose}>{t('once.close')}</Button></ModalFooter>
		</Modal>
	);
}
