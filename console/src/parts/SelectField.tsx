import {FormGroup, FormSelect, FormSelectOption} from '@patternfly/react-core';
import type {ReactNode} from 'react';
import type {Finding} from '../api/types';
import {FieldHelp, hasBlocker} from './Field';

interface SelectFieldProps {
	id: string;
	label: string;
	value: string;
	options: [string, string][];
	onChange: (value: string) => void;
	help?: ReactNode;
	findings?: Finding[];
	isDisabled?: boolean;
}

/** A choice of a few, as [value, text]. */
export function SelectField({id, label, value, options, onChange, help, findings, isDisabled}: SelectFieldProps) {
	return (
		<FormGroup label={label} fieldId={id}>
			<FormSelect
				id={id}
				value={value}
				onChange={(_event, next) => onChange(next)}
				validated={hasBlocker(findings) ? 'error' : 'default'}
				aria-describedby={help ? `${id}-help` : undefined}
				isDisabled={isDisabled}
			>
				{options.map(([key, text]) => (
					<FormSelectOption key={key} value={key} label={text} />
				))}
			</FormSelect>
			<FieldHelp id={id} help={help} findings={findings} />
		</FormGroup>
	);
}
