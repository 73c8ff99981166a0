import {ActionGroup, Button, Form, FormFieldGroup, FormFieldGroupHeader, FormSection} from '@patternfly/react-core';
import {useState} from 'react';
import {useNavigate} from 'react-router-dom';
import {changeGateway, createGateway, getGateway} from '../api/gateways';
import type {Gateway, Target} from '../api/types';
import {useI18n} from '../i18n';
import {ChangedMeanwhile} from '../parts/ChangedMeanwhile';
import {Field} from '../parts/Field';
import type {Change} from '../parts/merge';
import {ProblemAlert} from '../parts/ProblemAlert';
import {SelectField} from '../parts/SelectField';
import {useToast} from '../parts/Toasts';
import {useAction} from '../parts/useAction';
import {firstGatewayForm, gatewayBodyOf, mergeGatewayForm, type GatewayForm} from './gatewayForm';

interface GatewayFormViewProps {
	targets: Target[];
	gateway: Gateway | null;
}

export function GatewayFormView({targets, gateway}: GatewayFormViewProps) {
	const {t, said} = useI18n();
	const navigate = useNavigate();
	const say = useToast();
	const [form, setForm] = useState(() => firstGatewayForm(gateway, targets));
	const [seen, setSeen] = useState(gateway);
	const [changes, setChanges] = useState<Change[] | null>(null);
	const target = targets.find((one) => one.name === form.target);
	const set = (field: Exclude<keyof GatewayForm, 'params'>) => (value: string) => setForm((old) => ({...old, [field]: value}));
	const action = useAction(async () => {
		const body = gatewayBodyOf(form, target, !gateway);
		const saved = seen ? await changeGateway(seen, body) : await createGateway(body);
		say(t('gatewayForm.saved', {name: saved.name}));
		navigate(`/gateways/${saved.name}`);
	});
	const reload = useAction(async () => {
		if (!seen) return;
		const fresh = await getGateway(seen.name);
		const merged = mergeGatewayForm(firstGatewayForm(seen, targets), form, firstGatewayForm(fresh, targets));
		setSeen(fresh);
		setForm(merged.form);
		setChanges(merged.changes);
		action.clear();
	});
	const labels: Record<string, string> = {
		tls: t('gatewayForm.tls'), serverNames: t('gatewayForm.names'), host: t('ssh.host'), port: t('ssh.port'), user: t('ssh.user'), target: t('gateways.target'),
	};
	const isComplete = form.name.trim() !== '' && form.tls.trim() !== '' && form.host.trim() !== '' && Number(form.port) > 0;
	return (
		<Form
			isWidthLimited
			onSubmit={(event) => {
				event.preventDefault();
				if (isComplete && !action.busy) void action.run();
			}}
		>
			<ProblemAlert error={action.error ?? reload.error} onReload={() => void reload.run()} />
			<ChangedMeanwhile changes={changes} labelOf={(field) => labels[field] ?? field.replace(/^param:/, '')} />
			<FormSection title={t('gatewayForm.what')} titleElement="h2">
				<Field id="gateway-name" label={t('gatewayForm.name')} help={t('gatewayForm.nameHelp')} value={form.name} onChange={set('name')} isRequired isDisabled={gateway !== null} />
				<Field id="gateway-tls" label={t('gatewayForm.tls')} help={t('gatewayForm.tlsHelp')} value={form.tls} onChange={set('tls')} isRequired />
				<Field id="gateway-names" label={t('gatewayForm.names')} help={t('gatewayForm.namesHelp')} value={form.serverNames} onChange={set('serverNames')} />
			</FormSection>
			<FormSection title={t('gatewayForm.ssh')} titleElement="h2">
				<Field id="gateway-host" label={t('ssh.host')} help={t('ssh.hostHelp')} value={form.host} onChange={set('host')} isRequired />
				<Field id="gateway-port" label={t('ssh.port')} value={form.port} onChange={set('port')} type="number" min={1} max={65535} className="gw-short" isRequired />
				<Field id="gateway-user" label={t('ssh.user')} help={t('ssh.userHelp')} value={form.user} onChange={set('user')} />
			</FormSection>
			<FormSection title={t('gatewayForm.program')} titleElement="h2">
				<SelectField
					id="gateway-target"
					label={t('gateways.target')}
					help={t('gatewayForm.targetHelp')}
					value={form.target}
					options={targets.map((one) => [one.name, one.title])}
					onChange={(value) => setForm((old) => ({...old, target: value, params: {}}))}
				/>
				{target && target.params.length > 0 && (
					<FormFieldGroup header={<FormFieldGroupHeader titleText={{text: t('gatewayForm.params'), id: 'gateway-params'}} titleDescription={t('gatewayForm.paramsHelp')} />}>
						{target.params.map((param) => (
							<Field
								key={param.name}
								id={`gateway-param-${param.name}`}
								label={param.name}
								help={said(param.meaning)}
								value={form.params[param.name] ?? param.default}
								onChange={(value) => setForm((old) => ({...old, params: {...old.params, [param.name]: value}}))}
							/>
						))}
					</FormFieldGroup>
				)}
			</FormSection>
			<ActionGroup>
				<Button type="submit" isLoading={action.busy} isDisabled={!isComplete || action.busy}>{t('common.save')}</Button>
				<Button variant="link" onClick={() => navigate(-1)}>{t('common.cancel')}</Button>
			</ActionGroup>
		</Form>
	);
}
