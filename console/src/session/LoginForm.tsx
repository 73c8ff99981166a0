import {Alert, Button, Form} from '@patternfly/react-core';
import {useState} from 'react';
import {Problem} from '../api/problem';
import {logIn} from '../api/session';
import type {Session} from '../api/types';
import {useI18n} from '../i18n';
import {Field} from '../parts/Field';
import {ProblemAlert} from '../parts/ProblemAlert';
import {useAction} from '../parts/useAction';

interface LoginFormProps {
	/** Who logs in, when that is known already. */
	user?: string;
	onLogin: (session: Session) => void;
}

/** Name and password; the second factor when the server asks for it. */
export function LoginForm({user: fixedUser, onLogin}: LoginFormProps) {
	const {t} = useI18n();
	const [user, setUser] = useState(fixedUser ?? '');
	const [password, setPassword] = useState('');
	const [code, setCode] = useState('');
	const [wantsCode, setWantsCode] = useState(false);
	const [refusal, setRefusal] = useState<string | null>(null);

	const action = useAction(async () => {
		setRefusal(null);
		try {
			const session = await logIn(user, password, code);
			setPassword('');
			onLogin(session);
		} catch (error) {
			if (!(error instanceof Problem) || (error.status !== 401 && error.status !== 429)) throw error;
			setRefusal(refusalOf(error));
		}
	});

	const refusalOf = (problem: Problem): string | null => {
		if (problem.status === 429) return t('login.wait', {seconds: problem.retryAfter ?? 1});
		if (problem.reason === 'code-needed') {
			setWantsCode(true);
			return null;
		}
		if (problem.reason === 'code-wrong') {
			setWantsCode(true);
			return t('login.codeWrong');
		}
		return t('login.wrong');
	};

	return (
		<Form
			onSubmit={(event) => {
				event.preventDefault();
				if (!action.busy) void action.run();
			}}
		>
			<ProblemAlert error={action.error} />
			{refusal && <Alert isInline component="p" variant="danger" title={refusal} role="alert" />}
			<Field id="login-user" label={t('login.user')} value={user} onChange={setUser} isRequired autoComplete="username" isDisabled={fixedUser !== undefined || wantsCode} autoFocus={fixedUser === undefined} />
			<Field id="login-password" label={t('login.password')} value={password} onChange={setPassword} isRequired type="password" autoComplete="current-password" isDisabled={wantsCode} autoFocus={fixedUser !== undefined} />
			{wantsCode && (
				<Field id="login-code" label={t('login.code')} help={t('login.codeHelp')} value={code} onChange={setCode} isRequired autoComplete="one-time-code" autoFocus />
			)}
			<Button type="submit" isBlock isLoading={action.busy} isDisabled={action.busy || !user || !password || (wantsCode && !code)}>
				{t('login.submit')}
			</Button>
		</Form>
	);
}
