import {Table, Tbody, Td, Th, Tr} from '@patternfly/react-table';
import {useI18n} from '../i18n';

/** Every field of the certificate in words, as the server read it. */
export function FieldsTable({fields}: {fields: {name: string; value: string}[]}) {
	const {t, dateTime, said} = useI18n();
	const shown = (value: string) => (/^\d{4}-\d\d-\d\dT[\d:]+Z$/.test(value) ? dateTime(value) : value);
	return (
		<Table variant="compact" borders={false} aria-label={t('certificates.content')}>
			<Tbody>
				{fields.map((field, i) => (
					<Tr key={i}>
						<Th scope="row" width={25}><span className="gw-capital">{said(field.name)}</span></Th>
						<Td modifier="breakWord">{shown(field.value)}</Td>
					</Tr>
				))}
			</Tbody>
		</Table>
	);
}
