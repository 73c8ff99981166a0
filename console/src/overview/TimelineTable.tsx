import {Table, Tbody, Td, Th, Thead, Tr} from '@patternfly/react-table';
import {Link} from 'react-router-dom';
import type {TimelineItem} from '../api/types';
import {useI18n} from '../i18n';

export function TimelineTable({items}: {items: TimelineItem[]}) {
	const {t, date} = useI18n();
	return (
		<Table variant="compact" aria-label={t('timeline.title')}>
			<Thead>
				<Tr>
					<Th>{t('certificates.name')}</Th>
					<Th>{t('form.kind')}</Th>
					<Th>{t('certificates.validFrom')}</Th>
					<Th>{t('certificates.expires')}</Th>
					<Th>{t('timeline.chainEnd')}</Th>
					<Th>{t('certificates.used')}</Th>
				</Tr>
			</Thead>
			<Tbody>
				{items.map((item) => (
					<Tr key={item.certificate}>
						<Td dataLabel={t('certificates.name')}><Link to={`/certificates/${item.certificate}`}>{item.display_name}</Link></Td>
						<Td dataLabel={t('form.kind')}>{t(`kind.${item.kind}`)}</Td>
						<Td dataLabel={t('certificates.validFrom')}>{date(item.not_before)}</Td>
						<Td dataLabel={t('certificates.expires')}>{date(item.not_after)}</Td>
						<Td dataLabel={t('timeline.chainEnd')}>{date(item.chain_ends_at)}</Td>
						<Td dataLabel={t('certificates.used')}>{item.gateways.join(', ') || '–'}</Td>
					</Tr>
				))}
			</Tbody>
		</Table>
	);
}
