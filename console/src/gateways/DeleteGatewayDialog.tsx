import {Content} from '@patternfly/react-core';
import {deleteGateway} from '../api/gateways';
import type {Gateway} from '../api/types';
import {useI18n} from '../i18n';
import {Dialog} from '../parts/Dialog';
import {useAction} from '../parts/useAction';

interface DeleteGatewayDialogProps {
	gateway: Gateway;
	onClose: () => void;
	onDone: () => void;
	/** Somebody else has changed it meanwhile. */
	onReload: () => void;
}

export function DeleteGatewayDialog({gateway, onClose, onDone, onReload}: DeleteGatewayDialogProps) {
	const {t} = useI18n();
	const action = useAction(async () => {
		await deleteGateway(gateway);
		onDone();
	});
	return (
		<Dialog title={t('gateways.deleteTitle', {name: gateway.name})} submit={t('gateways.delete')} isDanger action={action} onClose={onClose} onReload={onReload}>
			<Content component="p">{t('gateways.deleteText')}</Content>
		</Dialog>
	);
}
