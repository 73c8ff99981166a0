import {FormGroup, SearchInput} from '@patternfly/react-core';
import {useState, type ReactNode} from 'react';
import {searchCertificates} from '../api/certificates';
import type {Certificate, CertificateKind, Finding} from '../api/types';
import {useI18n} from '../i18n';
import {ProblemAlert} from '../parts/ProblemAlert';
import {SelectField} from '../parts/SelectField';
import {useLoad} from '../parts/useLoad';
import {useSettled} from '../parts/useSettled';

const SHOWN = 100;

interface CertificateSelectProps {
	id: string;
	label: string;
	value: string;
	onChange: (value: string, certificate?: Certificate) => void;
	kinds: CertificateKind[];
	accept: (certificate: Certificate) => boolean;
	/** Always among the choices, and first. */
	known?: Certificate[];
	textOf: (certificate: Certificate) => string;
	/** Below the field; `isEmpty`: there is nothing to choose. */
	help?: (isEmpty: boolean) => ReactNode;
	findings?: Finding[];
}

/** A choice of a certificate. When there are many, a search before it says of which. */
export function CertificateSelect({id, label, value, onChange, kinds, accept, known = [], textOf, help, findings}: CertificateSelectProps) {
	const {t} = useI18n();
	const [query, setQuery] = useState('');
	const q = useSettled(query).trim();
	const loaded = useLoad((signal) => Promise.all(kinds.map((kind) => searchCertificates({q, kind}, SHOWN, signal))), [q, kinds.join()]);
	const pages = loaded.data ?? [];
	const choices = new Map([...known, ...pages.flatMap((page) => page.items)].filter(accept).map((c) => [String(c.id), c]));
	const isMany = query !== '' || pages.some((page) => page.next !== null);
	const isEmpty = loaded.data !== null && choices.size === 0;
	return (
		<>
			<ProblemAlert error={loaded.error} onRetry={loaded.reload} />
			{isMany && (
				<FormGroup label={t('certificates.narrow', {label})} fieldId={`${id}-search`}>
					<SearchInput searchInputId={`${id}-search`} aria-label={t('certificates.search')} placeholder={t('certificates.search')} value={query} onChange={(_event, next) => setQuery(next)} onClear={() => setQuery('')} />
				</FormGroup>
			)}
			<SelectField
				id={id}
				label={label}
				value={choices.has(value) ? value : ''}
				onChange={(next) => onChange(next, choices.get(next))}
				findings={findings}
				help={help?.(isEmpty)}
				options={[...(choices.has(value) ? [] : [['', ''] as [string, string]]), ...[...choices.values()].map((c): [string, string] => [String(c.id), textOf(c)])]}
				isDisabled={isEmpty && query === ''}
			/>
		</>
	);
}
