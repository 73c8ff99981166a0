import {Label} from '@patternfly/react-core';
import {ExpandableRowContent, Table, Tbody, Td, Th, Thead, Tr} from '@patternfly/react-table';
import {useState} from 'react';
import type {AuditEvent} from '../api/types';
import {useI18n} from '../i18n';
import {actionKey} from './filter';

const STATUS = {done: 'success', refused: 'warning', failed: 'danger'} as const;
const COLUMNS = 6;

export function AuditTable({events}: {events: AuditEvent[]}) {
	const {t} = useI18n();
	const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
	const toggle = (n: number) => {
		const next = new Set(open);
		if (!next.delete(n)) next.add(n);
		setOpen(next);
	};
	return (
		<Table variant="compact" aria-label={t('nav.audit')} className="gw-gap-above">
			<Thead>
				<Tr>
					<Th screenReaderText={t('audit.details')} />
					<Th>{t('audit.at')}</Th>
					<Th>{t('audit.actor')}</Th>
					<Th>{t('audit.action')}</Th>
					<Th>{t('audit.object')}</Th>
					<Th>{t('audit.outcome')}</Th>
				</Tr>
			</Thead>
			{events.map((event, i) => (
				<Event key={event.n} event={event} index={i} isOpen={open.has(event.n)} onToggle={() => toggle(event.n)} />
			))}
		</Table>
	);
}

interface EventProps {
	event: AuditEvent;
	index: number;
	isOpen: boolean;
	onToggle: () => void;
}

function Event({event, index, isOpen, onToggle}: EventProps) {
	const {t, dateTime} = useI18n();
	const key = actionKey(event.action);
	return (
		<Tbody isExpanded={isOpen}>
			<Tr>
				<Td expand={{rowIndex: index, isExpanded: isOpen, onToggle, expandId: `audit-${event.n}`}} />
				<Td dataLabel={t('audit.at')} modifier="nowrap">{dateTime(event.at)}</Td>
				<Td dataLabel={t('audit.actor')}>{event.actor}</Td>
				<Td dataLabel={t('audit.action')}>{key ? t(key) : event.action}</Td>
				<Td dataLabel={t('audit.object')} modifier="breakWord">{event.object ?? '–'}</Td>
				<Td dataLabel={t('audit.outcome')}><Label isCompact status={STATUS[event.outcome]}>{t(`auditOutcome.${event.outcome}`)}</Label></Td>
			</Tr>
			{isOpen && (
				<Tr isExpanded>
					<Td colSpan={COLUMNS}>
						<ExpandableRowContent>
							<dl className="gw-event">
								<dt>{t('audit.n')}</dt><dd>{event.n}</dd>
								{key && <><dt>{t('audit.action')}</dt><dd>{event.action}</dd></>}
								{event.detail && <><dt>{t('audit.detail')}</dt><dd>{event.detail}</dd></>}
								{event.address && <><dt>{t('audit.address')}</dt><dd>{event.address}</dd></>}
								{event.before ? <><dt>{t('audit.was')}</dt><dd><code className="gw-output">{JSON.stringify(event.before, null, 1)}</code></dd></> : null}
								{event.after ? <><dt>{t('audit.is')}</dt><dd><code className="gw-output">{JSON.stringify(event.after, null, 1)}</code></dd></> : null}
								<dt>{t('audit.hash')}</dt><dd><code className="gw-break">{event.hash}</code></dd>
							</dl>
						</ExpandableRowContent>
					</Td>
				</Tr>
			)}
		</Tbody>
	);
}
