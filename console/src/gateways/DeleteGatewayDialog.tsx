import {Content} from '@patternfly/react-core';
import {deleteGateway} from '../api/gateways';
import {useI18n} from '../i18n';
import {Dialog} from '../parts/Dialog';
import {useAction} from '../parts/useAction';

interface DeleteGatewayDialogProps {
	name: string;
	onClose: () => void;
	onDone: () => void;
}

export function DeleteGatewayDialog({name, onClose, onDone}: DeleteGatewayDialogProps) {
	const {t} = useI18n();
	const action = useAction(async () => {
		await deleteGateway(name);
		onDone();
	});
	return (
		<Dialog title={t('gateways.deleteTitle', {name})} submit={t('gateways.delete')} isDanger action={action} onClose={onClose}>
			<Content component="p">{t('gateways.deleteText')}</Content>
		</Dialog>
	);
}
