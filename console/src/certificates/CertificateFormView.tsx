import {ActionGroup, Alert, Button, Form, FormGroup, FormSection, Radio} from '@patternfly/react-core';
import {useState} from 'react';
import {useNavigate} from 'react-router-dom';
import {createCertificate} from '../api/certificates';
import {ApprovalNeeded, Problem} from '../api/problem';
import type {Certificate, CertificateKind, CertificateRequest} from '../api/types';
import {useI18n} from '../i18n';
import {Field} from '../parts/Field';
import {FindingList} from '../parts/FindingList';
import {ProblemAlert} from '../parts/ProblemAlert';
import {SelectField} from '../parts/SelectField';
import {useToast} from '../parts/Toasts';
import {useAction} from '../parts/useAction';
import {defaultDay, findingsByField, KEYS, requestOf, type CertificateForm, type FormField} from './formRules';
import {CertificateSelect} from './CertificateSelect';
import {useDryRun} from './useDryRun';

const ISSUER_KINDS: CertificateKind[] = ['root', 'intermediate'];

interface CertificateFormViewProps {
	first: CertificateForm;
	prefill: CertificateRequest | null;
	firstIssuer: Certificate | undefined;
	/** Where the new certificate is going to be used: the page to go on with. */
	gateway: string | null;
}

/** Every field of a certificate; what the server finds about each stands below it as one types. */
export function CertificateFormView({first, prefill, firstIssuer, gateway}: CertificateFormViewProps) {
	const {t, date, countryName} = useI18n();
	const navigate = useNavigate();
	const say = useToast();
	const [form, setForm] = useState(first);
	const [touched, setTouched] = useState<ReadonlySet<FormField>>(new Set());
	const [isSent, setSent] = useState(false);
	const [approval, setApproval] = useState<number | undefined>();
	const request = requestOf(form, prefill);
	const check = useDryRun(request);
	const found = findingsByField(check.findings, touched, isSent);
	const isBlocked = check.findings.some((finding) => finding.severity === 'blocker');
	const [issuer, setIssuer] = useState(firstIssuer);
	const isRoot = form.kind === 'root';

	const change = (field: FormField, issuerThen = issuer) => (value: string) => {
		setForm((old) => {
			const next = {...old, [field]: value};
			const isDateOwn = touched.has('not_after');
			if ((field === 'issuer' || field === 'kind') && !isDateOwn) next.not_after = defaultDay(next.kind, issuerThen, new Date());
			return next;
		});
		setTouched((old) => new Set(old).add(field));
	};
	const action = useAction(async () => {
		setSent(true);
		if (check.isCurrent && isBlocked) {
			focusFirstBlocked(check.findings.filter((finding) => finding.severity === 'blocker').map((finding) => finding.field));
			return;
		}
		try {
			const created = await createCertificate({...request, ...(approval ? {approval} : {})});
			say(t('form.created', {name: created.display_name}));
			navigate(gateway ? `/gateways/${gateway}/update-keystore?certificate=${created.id}` : `/certificates/${created.id}`);
		} catch (error) {
			if (error instanceof ApprovalNeeded) setApproval(error.approval.id);
			throw error;
		}
	});
	const text = (field: 'display_name' | 'holder' | 'organization' | 'locality', isRequired = false) => (
		<Field id={`cert-${field}`} label={t(`form.${field}`)} help={t(`form.${field}Help`)} value={form[field]} onChange={change(field)} findings={found.of(field)} isRequired={isRequired} />
	);

	return (
		<Form
			isWidthLimited
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				if (!action.busy) void action.run();
			}}
		>
			<ProblemAlert error={action.error} withoutFindings={action.error instanceof Problem && action.error.findings.length === 0} onRetry={approval ? () => void action.run() : undefined} />
			<ProblemAlert error={check.error} />
			{found.rest.length > 0 && <Alert isInline component="p" variant="warning" title={t('form.found')}><FindingList findings={found.rest} /></Alert>}
			{!isRoot && (
				<FormSection title={t('form.signing')} titleElement="h2">
					<CertificateSelect
						id="cert-issuer"
						label={t('form.issuer')}
						value={form.issuer}
						onChange={(value, certificate) => {
							setIssuer(certificate);
							change('issuer', certificate)(value);
						}}
						kinds={ISSUER_KINDS}
						accept={(c) => c.has_key}
						known={firstIssuer && [firstIssuer]}
						textOf={(c) => `${c.display_name} (${t(`kind.${c.kind}`)})`}
						findings={found.of('issuer')}
						help={() => (issuer ? t('form.issuerHelp', {date: date(issuer.not_after)}) : t('form.noIssuer'))}
					/>
					<FormGroup role="radiogroup" isInline label={t('form.kind')} fieldId="cert-kind">
						{(['end-entity', 'intermediate'] as CertificateKind[]).map((kind) => (
							<Radio key={kind} id={`cert-kind-${kind}`} name="cert-kind" label={t(`form.kind-${kind as 'end-entity' | 'intermediate'}`)} isChecked={form.kind === kind} isDisabled={prefill !== null} onChange={() => change('kind')(kind)} />
						))}
					</FormGroup>
				</FormSection>
			)}
			<FormSection title={t('form.subject')} titleElement="h2">
				{text('display_name', true)}
				{!isRoot && text('holder')}
				{text('organization')}
				{text('locality')}
				<Field
					id="cert-country"
					label={t('form.country')}
					help={countryName(form.country) ? t('form.countryIs', {name: countryName(form.country) ?? ''}) : t('form.countryHelp')}
					value={form.country}
					onChange={change('country')}
					findings={found.of('country')}
					maxLength={2}
					className="gw-short"
				/>
			</FormSection>
			<FormSection title={t('form.use')} titleElement="h2">
				{form.kind === 'end-entity' && <Field id="cert-names" label={t('form.names')} help={t('form.namesHelp')} value={form.names} onChange={change('names')} findings={found.of('names')} isRequired />}
				<Field id="cert-not_after" type="date" label={t('form.not_after')} help={t('form.not_afterHelp')} value={form.not_after} onChange={change('not_after')} findings={found.of('not_after')} isRequired className="gw-short" />
				<SelectField id="cert-key" label={t('form.key')} help={t('form.keyHelp')} value={form.key} onChange={change('key')} findings={found.of('key')} options={KEYS.map((key) => [key, t(`key.${key}`)])} />
				{form.kind !== 'end-entity' && (
					<Field id="cert-path_len" type="number" min={0} label={t('form.path_len')} help={t(isRoot ? 'form.path_lenRoot' : 'form.path_lenHelp')} value={form.path_len} onChange={change('path_len')} findings={found.of('path_len')} className="gw-short" />
				)}
			</FormSection>
			<ActionGroup>
				<Button type="submit" isLoading={action.busy} isDisabled={action.busy}>{t('form.submit')}</Button>
				<Button variant="link" onClick={() => navigate(-1)}>{t('common.cancel')}</Button>
			</ActionGroup>
		</Form>
	);
}

function focusFirstBlocked(fields: string[]) {
	const inputs = [...document.querySelectorAll<HTMLElement>('[id^="cert-"]')];
	inputs.find((input) => fields.includes(input.id.slice('cert-'.length)))?.focus();
}
