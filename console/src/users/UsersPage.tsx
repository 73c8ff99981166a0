import {Button, Card, CardBody, CardTitle, Label, PageSection} from '@patternfly/react-core';
import {Table, Tbody, Td, Th, Thead, Tr} from '@patternfly/react-table';
import {useState} from 'react';
import type {User} from '../api/types';
import {listUsers} from '../api/users';
import {useI18n} from '../i18n';
import {ActionMenu} from '../parts/ActionMenu';
import {LoadedView} from '../parts/LoadedView';
import {PageHead} from '../parts/PageHead';
import {useLoad} from '../parts/useLoad';
import {OnceDialog} from './OnceDialog';
import {TokensCard} from './TokensCard';
import {UserDialogs, type UserDialog} from './UserDialogs';

export function UsersPage() {
	const {t} = useI18n();
	const loaded = useLoad((signal) => listUsers(signal), []);
	const [dialog, setDialog] = useState<UserDialog | null>(null);
	const [once, setOnce] = useState<{name: string; password: string} | null>(null);
	return (
		<>
			<PageHead title={t('nav.users')} lead={t('users.lead')} actions={<Button onClick={() => setDialog({kind: 'create'})}>{t('users.create')}</Button>} />
			<PageSection hasBodyWrapper={false}>
				<Card component="section">
					<CardTitle component="h2">{t('users.title')}</CardTitle>
					<CardBody><LoadedView loaded={loaded}>{(users) => <UsersTable users={users} onDialog={setDialog} />}</LoadedView></CardBody>
				</Card>
			</PageSection>
			<PageSection hasBodyWrapper={false}><TokensCard isAll /></PageSection>
			<UserDialogs
				dialog={dialog}
				onClose={() => setDialog(null)}
				onDone={(shown) => {
					setDialog(null);
					setOnce(shown);
					loaded.reload();
				}}
			/>
			{once && <OnceDialog title={t('users.once', {name: once.name})} text={t('users.onceText')} secret={once.password} onClose={() => setOnce(null)} />}
		</>
	);
}

function UsersTable({users, onDialog}: {users: User[]; onDialog: (dialog: UserDialog) => void}) {
	const {t, dateTime} = useI18n();
	return (
		<Table variant="compact" aria-label={t('users.title')}>
			<Thead>
				<Tr>
					<Th>{t('users.name')}</Th>
					<Th>{t('users.roles')}</Th>
					<Th>{t('users.state')}</Th>
					<Th>{t('totp.title')}</Th>
					<Th>{t('users.lastLogin')}</Th>
					<Th screenReaderText={t('common.actions')} />
				</Tr>
			</Thead>
			<Tbody>
				{users.map((user) => (
					<Tr key={user.name}>
						<Td dataLabel={t('users.name')}>{user.name}</Td>
						<Td dataLabel={t('users.roles')}>{user.roles.map((role) => t(`role.${role}`)).join(', ') || '–'}</Td>
						<Td dataLabel={t('users.state')}><Label isCompact status={user.disabled ? 'warning' : user.must_change_password ? 'info' : 'success'}>{t(user.disabled ? 'users.disabled' : user.must_change_password ? 'users.newPassword' : 'users.active')}</Label></Td>
						<Td dataLabel={t('totp.title')}>{t(user.totp ? 'common.yes' : 'common.no')}</Td>
						<Td dataLabel={t('users.lastLogin')}>{user.last_login_at ? dateTime(user.last_login_at) : t('users.never')}</Td>
						<Td isActionCell>
							<ActionMenu
								label={t('users.menu', {name: user.name})}
								actions={[
									{key: 'edit', text: t('users.edit'), onSelect: () => onDialog({kind: 'edit', user})},
									{key: 'reset', text: t('users.reset'), onSelect: () => onDialog({kind: 'reset', user})},
									{key: 'delete', text: t('users.delete'), isDanger: true, onSelect: () => onDialog({kind: 'delete', user})},
								]}
							/>
						</Td>
					</Tr>
				))}
			</Tbody>
		</Table>
	);
}
