import {Button, Card, CardBody, CardTitle, Content, Form} from '@patternfly/react-core';
import {lazy, Suspense, useState} from 'react';
import {beginTotp, confirmTotp, removeTotp} from '../api/session';
import {useI18n} from '../i18n';
import {Field} from '../parts/Field';
import {ProblemAlert} from '../parts/ProblemAlert';
import {useToast} from '../parts/Toasts';
import {useAction} from '../parts/useAction';
import {RecoveryCodes} from './RecoveryCodes';
import {useSession} from './SessionProvider';

const QrCode = lazy(() => import('./QrCode').then((module) => ({default: module.QrCode})));

interface Secret {
	secret: string;
	uri: string;
}

/** The second factor: switched on in two steps, so that a typing error locks nobody out. */
export function TotpCard() {
	const {t} = useI18n();
	const {session, refresh} = useSession();
	const say = useToast();
	const [password, setPassword] = useState('');
	const [code, setCode] = useState('');
	const [begun, setBegun] = useState<Secret | null>(null);
	const [recovery, setRecovery] = useState<string[] | null>(null);
	const clear = () => {
		setPassword('');
		setCode('');
		setBegun(null);
	};
	const action = useAction(async () => {
		if (!session.totp && !begun) {
			setBegun(await beginTotp(password));
			return;
		}
		if (session.totp) {
			await removeTotp(password, code.trim());
			say(t('totp.removed'));
		} else {
			setRecovery((await confirmTotp(code.trim())).recovery_codes);
		}
		clear();
		await refresh();
	});
	const isCodeAsked = session.totp || begun !== null;
	return (
		<Card component="section">
			<CardTitle component="h2">{t('totp.title')}</CardTitle>
			<CardBody>
				<Content component="p">{t(session.totp ? 'totp.on' : 'totp.off')}</Content>
				{recovery ? (
					<RecoveryCodes codes={recovery} user={session.user} onKept={() => setRecovery(null)} />
				) : (
					<Form
						onSubmit={(event) => {
							event.preventDefault();
							if (!action.busy) void action.run();
						}}
					>
						<ProblemAlert error={action.error} />
						{begun && <SecretView {...begun} />}
						{!begun && <Field id="totp-password" label={t('login.password')} type="password" value={password} onChange={setPassword} autoComplete="current-password" isRequired />}
						{isCodeAsked && (
							<Field
								id="totp-code"
								label={t('login.code')}
								help={t(session.totp ? 'login.codeHelp' : 'totp.codeHelp')}
								value={code}
								onChange={setCode}
								autoComplete="one-time-code"
								inputMode={session.totp ? 'text' : 'numeric'}
								autoFocus={begun !== null}
								isRequired
							/>
						)}
						<div className="gw-buttons">
							<Button type="submit" variant={session.totp ? 'danger' : 'primary'} isLoading={action.busy} isDisabled={action.busy || (isCodeAsked ? !code : !password)}>
								{t(session.totp ? 'totp.remove' : begun ? 'totp.confirm' : 'totp.begin')}
							</Button>
							{begun && <Button variant="link" onClick={clear}>{t('common.cancel')}</Button>}
						</div>
					</Form>
				)}
			</CardBody>
		</Card>
	);
}

/** To scan, to open on this device, or to type in groups of four. */
function SecretView({secret, uri}: Secret) {
	const {t} = useI18n();
	return (
		<div>
			<Content component="p">{t('totp.scan')}</Content>
			<Suspense fallback={<div className="gw-qr" />}><QrCode text={uri} label={t('totp.qr')} /></Suspense>
			<Content component="p">{t('totp.enter')} <a href={uri}>{t('totp.open')}</a></Content>
			<code className="gw-secret" aria-label={t('totp.secret')} role="group">{(secret.match(/.{1,4}/g) ?? []).join(' ')}</code>
		</div>
	);
}
