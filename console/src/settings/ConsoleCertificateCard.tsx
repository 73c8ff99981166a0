import {Alert, Button, Card, CardBody, CardTitle, Checkbox, Content, Form} from '@patternfly/react-core';
import {useState} from 'react';
import {Link} from 'react-router-dom';
import {listCertificates} from '../api/certificates';
import {getConsoleCertificate, setConsoleCertificate} from '../api/settings';
import type {Certificate, ConsoleCertificate} from '../api/types';
import {useI18n} from '../i18n';
import {LoadedView} from '../parts/LoadedView';
import {ProblemAlert} from '../parts/ProblemAlert';
import {SelectField} from '../parts/SelectField';
import {useToast} from '../parts/Toasts';
import {useAction} from '../parts/useAction';
import {useLoad} from '../parts/useLoad';

/** The certificate of this console itself. */
export function ConsoleCertificateCard() {
	const {t} = useI18n();
	const loaded = useLoad((signal) => Promise.all([getConsoleCertificate(signal), listCertificates(signal)]), []);
	return (
		<Card component="section">
			<CardTitle component="h2">{t('consoleCertificate.title')}</CardTitle>
			<CardBody>
				<Content component="p">{t('consoleCertificate.lead')}</Content>
				<LoadedView loaded={loaded}>{([console, certificates]) => <ConsoleForm console={console} certificates={certificates} onSaved={loaded.reload} />}</LoadedView>
			</CardBody>
		</Card>
	);
}

interface ConsoleFormProps {
	console: ConsoleCertificate;
	certificates: Certificate[];
	onSaved: () => void;
}

function ConsoleForm({console, certificates, onSaved}: ConsoleFormProps) {
	const {t, date, dateTime} = useI18n();
	const say = useToast();
	const usable = certificates.filter((c) => c.kind === 'end-entity' && c.has_key && c.status === 'valid');
	const [chosen, setChosen] = useState(String(console.certificate ?? ''));
	const [isForced, setForced] = useState(false);
	const current = certificates.find((c) => c.id === console.certificate);
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
			<SelectField id="console-certificate" label={t('consoleCertificate.choose')} value={chosen} onChange={setChosen} options={usable.map((c) => [String(c.id), `${c.display_name} (${t('certificates.number', {id: c.id})}, ${date(c.not_after)})`])} />
			<Checkbox id="console-force" label={t('consoleCertificate.force')} isChecked={isForced} onChange={(_event, checked) => setForced(checked)} />
			<div><Button type="submit" isLoading={action.busy} isDisabled={action.busy || !chosen || Number(chosen) === console.certificate}>{t('common.save')}</Button></div>
		</Form>
	);
}
