import {Checkbox, Content} from '@patternfly/react-core';
import {useState} from 'react';
import type {Role, User} from '../api/types';
import {changeUser, createUser, deleteUser, resetUser} from '../api/users';
import {useI18n} from '../i18n';
import {Dialog} from '../parts/Dialog';
import {Field} from '../parts/Field';
import {useAction} from '../parts/useAction';
import {RoleChoice} from './RoleChoice';

export type UserDialog = {kind: 'create'} | {kind: 'edit' | 'reset' | 'delete'; user: User};

interface DialogProps {
	onClose: () => void;
	/** With a one-time password that has to be shown, or null. */
	onDone: (shown: {name: string; password: string} | null) => void;
}

export function UserDialogs({dialog, ...rest}: DialogProps & {dialog: UserDialog | null}) {
	switch (dialog?.kind) {
	case 'create':
		return <CreateDialog {...rest} />;
	case 'edit':
		return <EditDialog user={dialog.user} {...rest} />;
	case 'reset':
		return <ResetDialog user={dialog.user} {...rest} />;
	case 'delete':
		return <DeleteDialog user={dialog.user} {...rest} />;
	default:
		return null;
	}
}

function CreateDialog({onClose, onDone}: DialogProps) {
	const {t} = useI18n();
	const [name, setName] = useState('');
	const [roles, setRoles] = useState<Role[]>(['viewer']);
	const action = useAction(async () => {
		const user = await createUser(name.trim(), roles);
		onDone({name: user.name, password: user.one_time_password});
	});
	return (
		<Dialog title={t('users.create')} submit={t('users.create')} isDisabled={!name.trim() || roles.length === 0} action={action} onClose={onClose}>
			<Field id="user-name" label={t('users.name')} value={name} onChange={setName} isRequired />
			<RoleChoice id="user-roles" roles={roles} onChange={setRoles} />
		</Dialog>
	);
}

function EditDialog({user, onClose, onDone}: DialogProps & {user: User}) {
	const {t} = useI18n();
	const [roles, setRoles] = useState(user.roles);
	const [disabled, setDisabled] = useState(user.disabled);
	const action = useAction(async () => {
		await changeUser(user.name, {roles, disabled});
		onDone(null);
	});
	return (
		<Dialog title={t('users.editTitle', {name: user.name})} submit={t('common.save')} isDisabled={roles.length === 0} action={action} onClose={onClose}>
			<RoleChoice id="user-roles" roles={roles} onChange={setRoles} />
			<Checkbox id="user-disabled" label={t('users.disable')} description={t('users.disableHelp')} isChecked={disabled} onChange={(_event, checked) => setDisabled(checked)} />
		</Dialog>
	);
}

function ResetDialog({user, onClose, onDone}: DialogProps & {user: User}) {
	const {t} = useI18n();
	const action = useAction(async () => onDone({name: user.name, password: (await resetUser(user.name)).one_time_password}));
	return (
		<Dialog title={t('users.resetTitle', {name: user.name})} submit={t('users.reset')} isDanger action={action} onClose={onClose}>
			<Content component="p">{t('users.resetText')}</Content>
		</Dialog>
	);
}

function DeleteDialog({user, onClose, onDone}: DialogProps & {user: User}) {
	const {t} = useI18n();
	const action = useAction(async () => {
		await deleteUser(user.name);
		onDone(null);
	});
	return (
		<Dialog title={t('users.deleteTitle', {name: user.name})} submit={t('users.delete')} isDanger action={action} onClose={onClose}>
			<Content component="p">{t('users.deleteText')}</Content>
		</Dialog>
	);
}
