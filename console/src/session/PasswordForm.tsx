import {Button, Form} from '@patternfly/react-core';
import {useState} from 'react';
import {changePassword} from '../api/session';
import type {Finding} from '../api/types';
import {useI18n} from '../i18n';
import {Field} from '../parts/Field';
import {ProblemAlert} from '../parts/ProblemAlert';
import {useAction} from '../parts/useAction';

export const PASSWORD_MIN = 12;

export function PasswordForm({user, onChanged}: {user: string; onChanged: () => void}) {
	const {t} = useI18n();
	const [current, setCurrent] = useState('');
	const [fresh, setFresh] = useState('');
	const [again, setAgain] = useState('');
	const action = useAction(async () => {
		await changePassword(current, fresh);
		setCurrent('');
		setFresh('');
		setAgain('');
		onChanged();
	});
	const differs: Finding[] = again && again !== fresh ? [{id: 'differs', severity: 'blocker', field: 'again', text: t('password.differs')}] : [];
	const isReady = current !== '' && fresh.length >= PASSWORD_MIN && fresh === again && fresh !== user;
	return (
		<Form
			onSubmit={(event) => {
				event.preventDefault();
				if (isReady && !action.busy) void action.run();
			}}
		>
			<ProblemAlert error={action.error} />
			<input type="text" name="username" autoComplete="username" value={user} readOnly hidden />
			<Field id="password-current" label={t('password.current')} value={current} onChange={setCurrent} type="password" autoComplete="current-password" isRequired />
			<Field id="password-new" label={t('password.new')} help={t('password.rule', {n: PASSWORD_MIN})} value={fresh} onChange={setFresh} type="password" autoComplete="new-password" isRequired />
			<Field id="password-again" label={t('password.again')} findings={differs} value={again} onChange={setAgain} type="password" autoComplete="new-password" isRequired />
			<div><Button type="submit" isLoading={action.busy} isDisabled={!isReady || action.busy}>{t('password.submit')}</Button></div>
		</Form>
	);
}
