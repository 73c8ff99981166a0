import {Button, Card, CardBody, CardTitle, Checkbox, Form} from '@patternfly/react-core';
import {useState} from 'react';
import {changeSettings, getSettings} from '../api/settings';
import type {Settings} from '../api/types';
import {useI18n} from '../i18n';
import {ChangedMeanwhile} from '../parts/ChangedMeanwhile';
import {Field} from '../parts/Field';
import {LoadedView} from '../parts/LoadedView';
import {mergeForms, type Change} from '../parts/merge';
import {ProblemAlert} from '../parts/ProblemAlert';
import {useToast} from '../parts/Toasts';
import {useAction} from '../parts/useAction';
import {useLoad} from '../parts/useLoad';

const SWITCHES = ['require_totp', 'approve_key_export', 'approve_ca', 'audit_syslog'] as const;
const TIMES = [['session_idle_s', 60], ['session_absolute_s', 3600]] as const;

type SwitchName = (typeof SWITCHES)[number];
type TimeName = (typeof TIMES)[number][0];
type SettingsForm = Record<SwitchName, boolean> & Record<TimeName, string>;

function formOf(settings: Settings): SettingsForm {
	const switches = SWITCHES.map((name) => [name, settings[name]]);
	return Object.fromEntries([...switches, ...TIMES.map(([name, unit]) => [name, String(settings[name] / unit)])]) as SettingsForm;
}

/** What is to be changed of `settings`. */
function changeOf(form: SettingsForm, settings: Settings): Partial<Settings> {
	const wanted = [...SWITCHES.map((name) => [name, form[name]] as const), ...TIMES.map(([name, unit]) => [name, Math.round(Number(form[name]) * unit)] as const)];
	return Object.fromEntries(wanted.filter(([name, value]) => settings[name] !== value));
}

export function SettingsCard() {
	const {t} = useI18n();
	const loaded = useLoad((signal) => getSettings(signal), []);
	return (
		<Card component="section">
			<CardTitle component="h2">{t('settings.title')}</CardTitle>
			<CardBody><LoadedView loaded={loaded}>{(settings) => <SettingsFormView settings={settings} />}</LoadedView></CardBody>
		</Card>
	);
}

function SettingsFormView({settings}: {settings: Settings}) {
	const {t, number} = useI18n();
	const say = useToast();
	const [seen, setSeen] = useState(settings);
	const [form, setForm] = useState(() => formOf(settings));
	const [changes, setChanges] = useState<Change[] | null>(null);
	const set = (name: string) => (value: string | boolean) => setForm((old) => ({...old, [name]: value}));
	const action = useAction(async () => {
		const change = changeOf(form, seen);
		if (Object.keys(change).length > 0) await changeSettings(seen, change);
		const fresh = await getSettings();
		setSeen(fresh);
		setForm(formOf(fresh));
		setChanges(null);
		say(t('settings.saved'));
	});
	const reload = useAction(async () => {
		const fresh = await getSettings();
		const merged = mergeForms(formOf(seen), form, formOf(fresh));
		setSeen(fresh);
		setForm(merged.form);
		setChanges(merged.changes);
		action.clear();
	});
	const limitsOf = (name: string, unit: number) => {
		const limits = seen.limits?.[name];
		return limits?.min !== undefined && limits.max !== undefined ? t('settings.limits', {min: number(Math.ceil((limits.min / unit) * 10) / 10), max: number(limits.max / unit)}) : undefined;
	};
	return (
		<Form
			onSubmit={(event) => {
				event.preventDefault();
				if (!action.busy) void action.run();
			}}
		>
			<ProblemAlert error={action.error ?? reload.error} onReload={() => void reload.run()} />
			<ChangedMeanwhile changes={changes} labelOf={(name) => t(`settings.${name as SwitchName | TimeName}`)} />
			{TIMES.map(([name, unit]) => (
				<Field key={name} id={`setting-${name}`} type="number" step="any" className="gw-short" label={t(`settings.${name}`)} help={limitsOf(name, unit)} value={form[name]} onChange={set(name)} isRequired />
			))}
			{SWITCHES.map((name) => (
				<Checkbox key={name} id={`setting-${name}`} label={t(`settings.${name}`)} description={t(`settings.${name}Help`)} isChecked={form[name]} onChange={(_event, checked) => set(name)(checked)} />
			))}
			<div><Button type="submit" isLoading={action.busy} isDisabled={action.busy}>{t('common.save')}</Button></div>
		</Form>
	);
}
