import {Alert, Button, Card, CardBody, CardTitle, Checkbox, Content, Form} from '@patternfly/react-core';
import {useState} from 'react';
import {Link} from 'react-router-dom';
import {getCertificates} from '../api/certificates';
import {getConsoleCertificate, setConsoleCertificate} from '../api/settings';
import type {Certificate, ConsoleCertificate} from '../api/types';
import {CertificateSelect} from '../certificates/CertificateSelect';
import {useI18n} from '../i18n';
import {LoadedView} from '../parts/LoadedView';
import {ProblemAlert} from '../parts/ProblemAlert';
import {useToast} from '../parts/Toasts';
import {useAction} from '../parts/useAction';
import {useLoad} from '../parts/useLoad';

/** The certificate of this console itself. */
export function ConsoleCertificateCard() {
	const {t} = useI18n();
	const loaded = useLoad(async (signal) => {
		const console = await getConsoleCertificate(signal);
		const [current] = await getCertificates(console.certificate ? [console.certificate] : [], signal);
		return {console, current};
	}, []);
	return (
		<Card component="section">
			<CardTitle component="h2">{t('consoleCertificate.title')}</CardTitle>
			<CardBody>
				<Content component="p">{t('consoleCertificate.lead')}</Content>
				<LoadedView loaded={loaded}>{({console, current}) => <ConsoleForm console={console} current={current} onSaved={loaded.reload} />}</LoadedView>
			</CardBody>
		</Card>
	);
}

interface ConsoleFormProps {
	console: ConsoleCertificate;
	current: Certificate | undefined;
	onSaved: () => void;
}

function ConsoleForm({console, current, onSaved}: ConsoleFormProps) {
	const {t, date, dateTime} = useI18n();
	const say = useToast();
	const [chosen, setChosen] = useState(String(console.certificate ?? ''));
	const [isForced, setForced] = useState(false);
	const action = useAction(async () => {
		await setConsoleCertificate(Number(chosen), isForced);
		say(t('consoleCertificate.saved'));
		onSaved();
	});
	return (
		<Form
			onSubmit={(event) => {
				event.preventDefault();
				if (!action.busy) void action.run();
			}}
		>
			{console.error && <Alert isInline component="p" variant="danger" title={console.error} />}
			{current && <Content component="p"><Link to={`/certificates/${current.id}`}>{current.display_name}</Link>, {t('certificates.until', {date: date(current.not_after)})}{console.served_since && <>, {t('consoleCertificate.since', {at: dateTime(console.served_since)})}</>}</Content>}
			<ProblemAlert error={action.error} />
			<CertificateSelect
				id="console-certificate"
				label={t('consoleCertificate.choose')}
				value={chosen}
				onChange={setChosen}
				kinds={['end-entity']}
				accept={(c) => c.has_key && c.status === 'valid'}
				known={current && [current]}
				textOf={(c) => `${c.display_name} (${t('certificates.number', {id: c.id})}, ${date(c.not_after)})`}
			/>
			<Checkbox id="console-force" label={t('consoleCertificate.force')} isChecked={isForced} onChange={(_event, checked) => setForced(checked)} />
			<div><Button type="submit" isLoading={action.busy} isDisabled={action.busy || !chosen || Number(chosen) === console.certificate}>{t('common.save')}</Button></div>
		</Form>
	);
}
