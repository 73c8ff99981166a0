import {ExpandableSection, FileUpload, FormGroup, Grid, GridItem, Radio} from '@patternfly/react-core';
import {useState, type Dispatch, type SetStateAction} from 'react';
import type {SshAuth} from '../api/types';
import {useI18n} from '../i18n';
import {Field} from '../parts/Field';
import type {SshForm} from './sshForm';

interface SshFieldsProps {
	form: SshForm;
	onChange: Dispatch<SetStateAction<SshForm>>;
}

const WAYS: SshAuth[] = ['password', 'key', 'agent'];

/** Host, port and user, and one of three ways to log in. */
export function SshFields({form, onChange}: SshFieldsProps) {
	const {t} = useI18n();
	const [isSudo, setSudo] = useState(false);
	const set = (field: keyof SshForm) => (value: string) => onChange((old) => ({...old, [field]: value}));
	return (
		<>
			<Grid hasGutter>
				<GridItem md={5}><Field id="ssh-host" label={t('ssh.host')} help={t('ssh.hostHelp')} value={form.host} onChange={set('host')} isRequired /></GridItem>
				<GridItem md={3}><Field id="ssh-port" label={t('ssh.port')} value={form.port} onChange={set('port')} type="number" min={1} max={65535} isRequired /></GridItem>
				<GridItem md={4}><Field id="ssh-user" label={t('ssh.user')} help={t('ssh.userHelp')} value={form.user} onChange={set('user')} isRequired /></GridItem>
			</Grid>
			<FormGroup role="radiogroup" isInline label={t('ssh.auth')} fieldId="ssh-auth">
				{WAYS.map((way) => (
					<Radio key={way} id={`ssh-auth-${way}`} name="ssh-auth" label={t(`ssh.auth-${way}`)} isChecked={form.auth === way} onChange={() => onChange((old) => ({...old, auth: way}))} />
				))}
			</FormGroup>
			{form.auth === 'password' && <Field id="ssh-password" label={t('ssh.password')} help={t('ssh.passwordHelp')} type="password" value={form.password} onChange={set('password')} autoComplete="off" isRequired />}
			{form.auth === 'key' && <KeyFields form={form} set={set} />}
			{form.auth === 'agent' && <Field id="ssh-agent" label={t('ssh.agent')} help={t('ssh.agentHelp')} value={form.agent} onChange={set('agent')} isRequired />}
			<ExpandableSection toggleText={t('ssh.sudo')} isExpanded={isSudo} onToggle={(_event, open) => setSudo(open)}>
				<Field id="ssh-sudo" label={t('ssh.sudoPassword')} help={t('ssh.sudoHelp')} type="password" value={form.sudoPassword} onChange={set('sudoPassword')} autoComplete="off" />
			</ExpandableSection>
		</>
	);
}

function KeyFields({form, set}: {form: SshForm; set: (field: keyof SshForm) => (value: string) => void}) {
	const {t} = useI18n();
	const [fileName, setFileName] = useState('');
	return (
		<>
			<FormGroup label={t('ssh.key')} fieldId="ssh-key" isRequired>
				<FileUpload
					id="ssh-key"
					filename={form.key ? fileName : ''}
					filenamePlaceholder={t('ssh.keyDrop')}
					browseButtonText={t('import.browse')}
					clearButtonText={t('import.clear')}
					hideDefaultPreview
					onFileInputChange={(_event, file) => {
						setFileName(file.name);
						void file.text().then(set('key'));
					}}
					onClearClick={() => set('key')('')}
				/>
			</FormGroup>
			<Field id="ssh-key-passphrase" label={t('ssh.keyPassphrase')} help={t('ssh.keyPassphraseHelp')} type="password" value={form.keyPassphrase} onChange={set('keyPassphrase')} autoComplete="off" />
		</>
	);
}
