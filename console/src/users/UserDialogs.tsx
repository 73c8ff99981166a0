import {Checkbox, Content} from '@patternfly/react-core';
import {useState} from 'react';
import type {Role, User} from '../api/types';
import {changeUser, createUser, deleteUser, getUser, resetUser} from '../api/users';
import {useI18n} from '../i18n';
import {ChangedMeanwhile} from '../parts/ChangedMeanwhile';
import {Dialog} from '../parts/Dialog';
import {Field} from '../parts/Field';
import {mergeForms, type Change} from '../parts/merge';
import {useAction} from '../parts/useAction';
import {useLoad} from '../parts/useLoad';
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

const formOf = (user: User) => ({roles: [...user.roles].sort().join(' '), disabled: user.disabled});

function EditDialog({user, onClose, onDone}: DialogProps & {user: User}) {
	const {t} = useI18n();
	const loaded = useLoad((signal) => getUser(user.name, signal), [user.name]);
	const [isReloaded, setReloaded] = useState<User | null>(null);
	const [form, setForm] = useState(() => formOf(user));
	const [changes, setChanges] = useState<Change[] | null>(null);
	const seen = isReloaded ?? loaded.data ?? user;
	const roles = form.roles.split(' ').filter((role) => role !== '') as Role[];
	const namesOf = (list: string) => list.split(' ').map((role) => t(`role.${role as Role}`)).join(', ');
	const action = useAction(async () => {
		await changeUser(seen, {roles, disabled: form.disabled});
		onDone(null);
	});
	const reload = useAction(async () => {
		const fresh = await getUser(user.name);
		const merged = mergeForms(formOf(seen), form, formOf(fresh));
		setReloaded(fresh);
		setForm(merged.form);
		setChanges(merged.changes.map((change) => (change.field === 'roles' ? {...change, theirs: namesOf(String(change.theirs)), mine: change.mine === null ? null : namesOf(String(change.mine))} : change)));
		action.clear();
	});
	return (
		<Dialog title={t('users.editTitle', {name: user.name})} submit={t('common.save')} isDisabled={roles.length === 0} action={action} onClose={onClose} onReload={() => void reload.run()}>
			<ChangedMeanwhile changes={changes} labelOf={(field) => t(field === 'roles' ? 'users.roles' : 'users.disable')} />
			<RoleChoice id="user-roles" roles={roles} onChange={(chosen) => setForm((old) => ({...old, roles: [...chosen].sort().join(' ')}))} />
			<Checkbox id="user-disabled" label={t('users.disable')} description={t('users.disableHelp')} isChecked={form.disabled} onChange={(_event, checked) => setForm((old) => ({...old, disabled: checked}))} />
		</Dialog>
	);
}

/** The user as it is when the question is asked: a list's has no ETag. */
function useSeen({name}: User) {
	return useLoad((signal) => getUser(name, signal), [name]);
}

function ResetDialog({user, onClose, onDone}: DialogProps & {user: User}) {
	const {t} = useI18n();
	const seen = useSeen(user);
	const action = useAction(async () => onDone({name: user.name, password: (await resetUser(seen.data ?? user)).one_time_password}));
	return (
		<Dialog title={t('users.resetTitle', {name: user.name})} submit={t('users.reset')} isDanger isDisabled={!seen.data && !seen.error} action={action} onClose={onClose} onReload={seen.reload}>
			<Content component="p">{t('users.resetText')}</Content>
		</Dialog>
	);
}

function DeleteDialog({user, onClose, onDone}: DialogProps & {user: User}) {
	const {t} = useI18n();
	const seen = useSeen(user);
	const action = useAction(async () => {
		await deleteUser(seen.data ?? user);
		onDone(null);
	});
	return (
		<Dialog title={t('users.deleteTitle', {name: user.name})} submit={t('users.delete')} isDanger isDisabled={!seen.data && !seen.error} action={action} onClose={onClose} onReload={seen.reload}>
			<Content component="p">{t('users.deleteText')}</Content>
		</Dialog>
	);
}
