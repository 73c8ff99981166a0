import {ActionGroup, Button, Form, FormFieldGroup, FormFieldGroupHeader, FormSection} from '@patternfly/react-core';
import {useState} from 'react';
import {useNavigate} from 'react-router-dom';
import {changeGateway, createGateway} from '../api/gateways';
import type {Gateway, Target} from '../api/types';
import {useI18n} from '../i18n';
import {Field} from '../parts/Field';
import {ProblemAlert} from '../parts/ProblemAlert';
import {SelectField} from '../parts/SelectField';
import {useToast} from '../parts/Toasts';
import {useAction} from '../parts/useAction';
import {firstGatewayForm, gatewayBodyOf, type GatewayForm} from './gatewayForm';

interface GatewayFormViewProps {
	targets: Target[];
	gateway: Gateway | null;
}

export function GatewayFormView({targets, gateway}: GatewayFormViewProps) {
	const {t} = useI18n();
	const navigate = useNavigate();
	const say = useToast();
	const [form, setForm] = useState(() => firstGatewayForm(gateway, targets));
	const target = targets.find((one) => one.name === form.target);
	const set = (field: Exclude<keyof GatewayForm, 'params'>) => (value: string) => setForm((old) => ({...old, [field]: value}));
	const action = useAction(async () => {
		const body = gatewayBodyOf(form, target, !gateway);
		const saved = gateway ? await changeGateway(gateway.name, body) : await createGateway(body);
		say(t('gatewayForm.saved', {name: saved.name}));
		navigate(`/gateways/${saved.name}`);
	});
	const isComplete = form.name.trim() !== '' && form.tls.trim() !== '' && form.host.trim() !== '' && Number(form.port) > 0;
	return (
		<Form
			isWidthLimited
			onSubmit={(event) => {
				event.preventDefault();
				if (isComplete && !action.busy) void action.run();
			}}
		>
			<ProblemAlert error={action.error} />
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
								help={param.meaning}
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
