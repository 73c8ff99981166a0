import {Button, Card, CardBody, CardHeader, CardTitle, Content} from '@patternfly/react-core';
import {Table, Tbody, Td, Th, Thead, Tr} from '@patternfly/react-table';
import {useState} from 'react';
import type {Token} from '../api/types';
import {deleteToken, listTokens} from '../api/users';
import {useI18n} from '../i18n';
import {Dialog} from '../parts/Dialog';
import {LoadedView} from '../parts/LoadedView';
import {useAction} from '../parts/useAction';
import {useLoad} from '../parts/useLoad';
import {CreateTokenDialog} from './CreateTokenDialog';
import {OnceDialog} from './OnceDialog';

/** Access tokens for scripts: one's own, or everybody's. */
export function TokensCard({isAll = false}: {isAll?: boolean}) {
	const {t, date, dateTime} = useI18n();
	const loaded = useLoad((signal) => listTokens(isAll, signal), [isAll]);
	const [isCreate, setCreate] = useState(false);
	const [shown, setShown] = useState<string | null>(null);
	const [removed, setRemoved] = useState<Token | null>(null);
	const remove = useAction(async () => {
		if (removed) await deleteToken(removed.id);
		setRemoved(null);
		loaded.reload();
	});
	return (
		<Card component="section">
			<CardHeader actions={{actions: !isAll && <Button variant="secondary" onClick={() => setCreate(true)}>{t('tokens.create')}</Button>, hasNoOffset: true}}>
				<CardTitle component="h2">{t(isAll ? 'tokens.all' : 'tokens.own')}</CardTitle>
			</CardHeader>
			<CardBody>
				<Content component="p">{t('tokens.lead')}</Content>
				<LoadedView loaded={loaded}>
					{(tokens) =>
						tokens.length === 0 ? (
							<p className="gw-subtle">{t(isAll ? 'tokens.noneAll' : 'tokens.none')}</p>
						) : (
							<Table variant="compact" aria-label={t(isAll ? 'tokens.all' : 'tokens.own')}>
								<Thead>
									<Tr>
										<Th>{t('tokens.name')}</Th>
										{isAll && <Th>{t('users.name')}</Th>}
										<Th>{t('users.roles')}</Th>
										<Th>{t('tokens.expires')}</Th>
										<Th>{t('tokens.lastUsed')}</Th>
										<Th screenReaderText={t('common.actions')} />
									</Tr>
								</Thead>
								<Tbody>
									{tokens.map((token) => (
										<Tr key={token.id}>
											<Td dataLabel={t('tokens.name')}>{token.name}</Td>
											{isAll && <Td dataLabel={t('users.name')}>{token.user}</Td>}
											<Td dataLabel={t('users.roles')}>{token.roles.map((role) => t(`role.${role}`)).join(', ')}</Td>
											<Td dataLabel={t('tokens.expires')}>{date(token.expires_at)}</Td>
											<Td dataLabel={t('tokens.lastUsed')}>{token.last_used_at ? dateTime(token.last_used_at) : t('users.never')}</Td>
											<Td isActionCell><Button variant="link" isDanger isInline aria-label={t('tokens.deleteOf', {name: token.name})} onClick={() => setRemoved(token)}>{t('tokens.delete')}</Button></Td>
										</Tr>
									))}
								</Tbody>
							</Table>
						)
					}
				</LoadedView>
			</CardBody>
			{isCreate && (
				<CreateTokenDialog
					onClose={() => setCreate(false)}
					onCreated={(token) => {
						setCreate(false);
						setShown(token);
						loaded.reload();
					}}
				/>
			)}
			{shown && <OnceDialog title={t('tokens.once')} text={t('tokens.onceText')} secret={shown} onClose={() => setShown(null)} />}
			{removed && <Dialog title={t('tokens.deleteTitle', {name: removed.name})} description={t('tokens.deleteText')} submit={t('tokens.delete')} isDanger action={remove} onClose={() => setRemoved(null)} />}
		</Card>
	);
}
