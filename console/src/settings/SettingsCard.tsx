import {Button, Card, CardBody, CardTitle, Checkbox, Form} from '@patternfly/react-core';
import {useState} from 'react';
import {changeSettings, getSettings} from '../api/settings';
import type {Settings} from '../api/types';
import {useI18n} from '../i18n';
import {Field} from '../parts/Field';
import {LoadedView} from '../parts/LoadedView';
import {ProblemAlert} from '../parts/ProblemAlert';
import {useToast} from '../parts/Toasts';
import {useAction} from '../parts/useAction';
import {useLoad} from '../parts/useLoad';

const SWITCHES = ['require_totp', 'approve_key_export', 'approve_ca', 'audit_syslog'] as const;
const TIMES = [['session_idle_s', 60], ['session_absolute_s', 3600]] as const;

export function SettingsCard() {
	const {t} = useI18n();
	const loaded = useLoad((signal) => getSettings(signal), []);
	return (
		<Card component="section">
			<CardTitle component="h2">{t('settings.title')}</CardTitle>
			<CardBody><LoadedView loaded={loaded}>{(settings) => <SettingsForm settings={settings} onSaved={loaded.reload} />}</LoadedView></CardBody>
		</Card>
	);
}

function SettingsForm({settings, onSaved}: {settings: Settings; onSaved: () => void}) {
	const {t} = useI18n();
	const say = useToast();
	const [switches, setSwitches] = useState(() => Object.fromEntries(SWITCHES.map((name) => [name, settings[name]])));
	const [times, setTimes] = useState<Record<string, string>>(() => Object.fromEntries(TIMES.map(([name, unit]) => [name, String(settings[name] / unit)])));
	const action = useAction(async () => {
		const seconds = Object.fromEntries(TIMES.map(([name, unit]) => [name, Math.round(Number(times[name]) * unit)]));
		const change: Partial<Settings> = {...switches, ...seconds};
		const changed = Object.entries(change).filter(([name, value]) => settings[name as keyof Settings] !== value);
		if (changed.length > 0) await changeSettings(Object.fromEntries(changed));
		say(t('settings.saved'));
		onSaved();
	});
	const limitsOf = (name: string, unit: number) => {
		const limits = settings.limits?.[name];
		return limits?.min !== undefined && limits.max !== undefined ? t('settings.limits', {min: limits.min / unit, max: limits.max / unit}) : undefined;
	};
	return (
		<Form
			onSubmit={(event) => {
				event.preventDefault();
				if (!action.busy) void action.run();
			}}
		>
			<ProblemAlert error={action.error} />
			{TIMES.map(([name, unit]) => (
				<Field key={name} id={`setting-${name}`} type="number" className="gw-short" label={t(`settings.${name}`)} help={limitsOf(name, unit)} value={times[name]} onChange={(value) => setTimes((old) => ({...old, [name]: value}))} isRequired />
			))}
			{SWITCHES.map((name) => (
				<Checkbox key={name} id={`setting-${name}`} label={t(`settings.${name}`)} description={t(`settings.${name}Help`)} isChecked={switches[name]} onChange={(_event, checked) => setSwitches((old) => ({...old, [name]: checked}))} />
			))}
			<div><Button type="submit" isLoading={action.busy} isDisabled={action.busy}>{t('common.save')}</Button></div>
		</Form>
	);
}
