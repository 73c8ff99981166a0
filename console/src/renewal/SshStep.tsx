import {Content, Form} from '@patternfly/react-core';
import type {Dispatch, ReactNode, SetStateAction} from 'react';
import type {HostKey} from '../api/types';
import {useI18n} from '../i18n';
import {ProblemAlert} from '../parts/ProblemAlert';
import type {Loaded} from '../parts/useLoad';
import {HostKeyCheck} from './HostKeyCheck';
import {SshFields} from './SshFields';
import type {SshForm} from './sshForm';

interface SshStepProps {
	form: SshForm;
	onChange: Dispatch<SetStateAction<SshForm>>;
	hostKey: Loaded<HostKey>;
	isAccepted: boolean;
	onAccept: (accepted: boolean) => void;
	error: unknown;
	onSubmit: () => void;
	/** What follows from all of it. */
	children: ReactNode;
}

export function SshStep({form, onChange, hostKey, isAccepted, onAccept, error, onSubmit, children}: SshStepProps) {
	const {t} = useI18n();
	return (
		<Form
			onSubmit={(event) => {
				event.preventDefault();
				onSubmit();
			}}
		>
			<Content component="h2">{t('renewal.step3')}</Content>
			<ProblemAlert error={error} title={t('renewal.refused')} />
			<SshFields form={form} onChange={onChange} />
			<HostKeyCheck hostKey={hostKey} isAccepted={isAccepted} onAccept={onAccept} />
			{children}
			<button type="submit" hidden />
		</Form>
	);
}
