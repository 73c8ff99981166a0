import NotEqualIcon from '@patternfly/react-icons/dist/esm/icons/not-equal-icon';
import {Table, Tbody, Td, Th, Thead, Tr} from '@patternfly/react-table';
import type {ReactNode} from 'react';
import type {Comparison} from '../api/types';
import {useI18n} from '../i18n';

interface ComparisonTableProps {
	comparison: Comparison;
	current: ReactNode;
	candidate: ReactNode;
}

/** Field by field; what differs is marked by a sign, a word and a colour. */
export function ComparisonTable({comparison, current, candidate}: ComparisonTableProps) {
	const {t, dateTime, said} = useI18n();
	const shown = (value: string | null) => (value && /^\d{4}-\d\d-\d\dT[\d:]+Z$/.test(value) ? dateTime(value) : (value ?? '–'));
	return (
		<Table variant="compact" aria-label={t('compare.title')}>
			<Thead>
				<Tr>
					<Th width={20}>{t('compare.field')}</Th>
					<Th width={40}>{current}</Th>
					<Th width={40}>{candidate}</Th>
				</Tr>
			</Thead>
			<Tbody>
				{comparison.rows.map((row, i) => (
					<Tr key={i} className={row.same ? undefined : 'gw-differs'}>
						<Th dataLabel={t('compare.field')} scope="row">
							<span className="gw-capital">{said(row.field)}</span> {!row.same && <NotEqualIcon title={t('compare.differs')} className="gw-differs-sign" />}
						</Th>
						<Td modifier="breakWord" dataLabel={t('compare.current')}>{shown(row.current)}</Td>
						<Td modifier="breakWord" dataLabel={t('compare.candidate')}>{shown(row.candidate)}</Td>
					</Tr>
				))}
			</Tbody>
		</Table>
	);
}
