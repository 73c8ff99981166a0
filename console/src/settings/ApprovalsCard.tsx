import {Button, Card, CardBody, CardTitle, Label} from '@patternfly/react-core';
import {Table, Tbody, Td, Th, Thead, Tr} from '@patternfly/react-table';
import {decideApproval, listApprovals} from '../api/settings';
import type {Approval} from '../api/types';
import {useI18n} from '../i18n';
import {LoadedView} from '../parts/LoadedView';
import {ProblemAlert} from '../parts/ProblemAlert';
import {useAction} from '../parts/useAction';
import {useLoad} from '../parts/useLoad';
import {useSession} from '../session/SessionProvider';

const REFRESH_MS = 10000;
const STATUS = {waiting: 'info', granted: 'success', refused: 'danger', used: 'success', expired: 'warning'} as const;

/** What waits for a second person, and what became of it. */
export function ApprovalsCard() {
	const {t} = useI18n();
	const loaded = useLoad((signal) => listApprovals(signal), [], REFRESH_MS);
	const decide = useAction(async (id: number, decision: 'grant' | 'refuse') => {
		await decideApproval(id, decision);
		loaded.reload();
	});
	return (
		<Card component="section">
			<CardTitle component="h2">{t('approvals.title')}</CardTitle>
			<CardBody>
				<ProblemAlert error={decide.error} />
				<LoadedView loaded={loaded}>
					{(approvals) =>
						approvals.length === 0 ? <p className="gw-subtle">{t('approvals.empty')}</p> : <ApprovalsTable approvals={approvals} onDecide={(id, decision) => void decide.run(id, decision)} isBusy={decide.busy} />
					}
				</LoadedView>
			</CardBody>
		</Card>
	);
}

interface ApprovalsTableProps {
	approvals: Approval[];
	onDecide: (id: number, decision: 'grant' | 'refuse') => void;
	isBusy: boolean;
}

function ApprovalsTable({approvals, onDecide, isBusy}: ApprovalsTableProps) {
	const {t, dateTime} = useI18n();
	const {session} = useSession();
	return (
		<Table variant="compact" aria-label={t('approvals.title')}>
			<Thead>
				<Tr>
					<Th>{t('approvals.what')}</Th>
					<Th>{t('approvals.by')}</Th>
					<Th>{t('approvals.until')}</Th>
					<Th>{t('users.state')}</Th>
					<Th screenReaderText={t('common.actions')} />
				</Tr>
			</Thead>
			<Tbody>
				{approvals.map((approval) => (
					<Tr key={approval.id}>
						<Td dataLabel={t('approvals.what')} modifier="breakWord">{approval.summary}</Td>
						<Td dataLabel={t('approvals.by')}>{approval.requested_by}</Td>
						<Td dataLabel={t('approvals.until')}>{dateTime(approval.expires_at)}</Td>
						<Td dataLabel={t('users.state')}><Label isCompact status={STATUS[approval.state]}>{t(`approvalState.${approval.state}`)}</Label></Td>
						<Td isActionCell>
							{approval.state === 'waiting' &&
								(approval.requested_by === session.user || approval.requested_by.endsWith(`:${session.user}`) ? (
									<span className="gw-subtle">{t('approvals.own')}</span>
								) : (
									<span className="gw-buttons">
										<Button size="sm" isDisabled={isBusy} onClick={() => onDecide(approval.id, 'grant')}>{t('approvals.grant')}</Button>
										<Button size="sm" variant="secondary" isDanger isDisabled={isBusy} onClick={() => onDecide(approval.id, 'refuse')}>{t('approvals.refuse')}</Button>
									</span>
								))}
						</Td>
					</Tr>
				))}
			</Tbody>
		</Table>
	);
}
