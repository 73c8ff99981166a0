import {useState} from 'react';
import type {Role} from '../api/types';
import {createToken} from '../api/users';
import {useI18n} from '../i18n';
import {endOfLocalDay, localDay} from '../parts/days';
import {Dialog} from '../parts/Dialog';
import {Field} from '../parts/Field';
import {useAction} from '../parts/useAction';
import {useSession} from '../session/SessionProvider';
import {RoleChoice} from './RoleChoice';

const DEFAULT_DAYS = 90;
const DAY_MS = 86400000;

export function CreateTokenDialog({onClose, onCreated}: {onClose: () => void; onCreated: (token: string) => void}) {
	const {t} = useI18n();
	const {session} = useSession();
	const [name, setName] = useState('');
	const [roles, setRoles] = useState<Role[]>(session.roles.length === 1 ? session.roles : []);
	const [until, setUntil] = useState(() => localDay(new Date(Date.now() + DEFAULT_DAYS * DAY_MS)));
	const action = useAction(async () => onCreated((await createToken(name.trim(), roles, endOfLocalDay(until))).token));
	return (
		<Dialog title={t('tokens.create')} submit={t('tokens.create')} isDisabled={!name.trim() || roles.length === 0 || !until} action={action} onClose={onClose}>
			<Field id="token-name" label={t('tokens.name')} help={t('tokens.nameHelp')} value={name} onChange={setName} isRequired />
			<RoleChoice id="token-roles" roles={roles} onChange={setRoles} of={session.roles} />
			<Field id="token-until" type="date" label={t('tokens.expires')} help={t('tokens.expiresHelp')} value={until} onChange={setUntil} isRequired />
		</Dialog>
	);
}
