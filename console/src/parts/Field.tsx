import {FormGroup, FormHelperText, HelperText, HelperTextItem, TextInput, type TextInputProps} from '@patternfly/react-core';
import type {ReactNode} from 'react';
import type {Finding} from '../api/types';
import {FindingText} from './FindingText';

interface HelpProps {
	id: string;
	help?: ReactNode;
	findings?: Finding[];
}

const VARIANTS = {blocker: 'error', warning: 'warning', note: 'indeterminate'} as const;

/** The line below a field: what it means, and what was found about what is in it. */
export function FieldHelp({id, help, findings = []}: HelpProps) {
	if (!help && findings.length === 0) return null;
	return (
		<FormHelperText>
			<HelperText id={`${id}-help`} aria-live="polite">
				{findings.map((finding, i) => (
					<HelperTextItem key={i} variant={VARIANTS[finding.severity]}><FindingText finding={finding} /></HelperTextItem>
				))}
				{help && <HelperTextItem>{help}</HelperTextItem>}
			</HelperText>
		</FormHelperText>
	);
}

export function hasBlocker(findings: Finding[] = []): boolean {
	return findings.some((finding) => finding.severity === 'blocker');
}

interface FieldProps extends HelpProps, Omit<TextInputProps, 'id' | 'onChange' | 'ref' | 'label'> {
	label: string;
	value: string;
	onChange: (value: string) => void;
}

/** A text field with its label, its meaning and its findings. */
export function Field({id, label, help, findings, value, onChange, isRequired, ...rest}: FieldProps) {
	const described = help || (findings && findings.length > 0) ? `${id}-help` : undefined;
	return (
		<FormGroup label={label} fieldId={id} isRequired={isRequired}>
			<TextInput
				id={id}
				value={value}
				onChange={(_event, next) => onChange(next)}
				validated={hasBlocker(findings) ? 'error' : 'default'}
				aria-describedby={described}
				isRequired={isRequired}
				autoComplete="off"
				{...rest}
			/>
			<FieldHelp id={id} help={help} findings={findings} />
		</FormGroup>
	);
}
