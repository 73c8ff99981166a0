import {Alert, Button, Card, CardBody, CardTitle, ClipboardCopy, Content, Form} from '@patternfly/react-core';
import {useState} from 'react';
import {beginTotp, confirmTotp, removeTotp} from '../api/session';
import {useI18n} from '../i18n';
import {Field} from '../parts/Field';
import {ProblemAlert} from '../parts/ProblemAlert';
import {useAction} from '../parts/useAction';
import {useSession} from './SessionProvider';

/** The second factor: switched on in two steps, so that a typing error locks nobody out. */
export function TotpCard() {
	const {t} = useI18n();
	const {session, refresh} = useSession();
	const [password, setPassword] = useState('');
	const [code, setCode] = useState('');
	const [begun, setBegun] = useState<{secret: string; uri: string} | null>(null);
	const [recovery, setRecovery] = useState<string[] | null>(null);
	const clear = () => {
		setPassword('');
		setCode('');
		setBegun(null);
	};
	const action = useAction(async () => {
		if (session.totp) {
			await removeTotp(password, code);
			setRecovery(null);
		} else if (!begun) {
			setBegun(await beginTotp(password));
			return;
		} else {
			setRecovery((await confirmTotp(code)).recovery_codes);
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
				{recovery && (
					<Alert isInline component="p" variant="warning" title={t('totp.recovery')}>
						<pre className="gw-codes">{recovery.join('\n')}</pre>
					</Alert>
				)}
				<Form
					onSubmit={(event) => {
						event.preventDefault();
						if (!action.busy) void action.run();
					}}
				>
					<ProblemAlert error={action.error} />
					{begun && (
						<>
							<Content component="p">{t('totp.enter')} <a href={begun.uri}>{t('totp.open')}</a></Content>
							<ClipboardCopy isReadOnly hoverTip={t('common.copy')} clickTip={t('common.copied')} textAriaLabel={t('totp.secret')}>{begun.secret}</ClipboardCopy>
						</>
					)}
					{!begun && <Field id="totp-password" label={t('login.password')} type="password" value={password} onChange={setPassword} autoComplete="current-password" isRequired />}
					{isCodeAsked && <Field id="totp-code" label={t('login.code')} value={code} onChange={setCode} autoComplete="one-time-code" inputMode="numeric" isRequired />}
					<div>
						<Button type="submit" variant={session.totp ? 'danger' : 'primary'} isLoading={action.busy} isDisabled={action.busy || (isCodeAsked ? !code : !password)}>
							{t(session.totp ? 'totp.remove' : begun ? 'totp.confirm' : 'totp.begin')}
						</Button>
					</div>
				</Form>
			</CardBody>
		</Card>
	);
}
