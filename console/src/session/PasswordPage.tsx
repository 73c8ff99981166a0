import {Card, CardBody, Content, Title} from '@patternfly/react-core';
import {useI18n} from '../i18n';
import {Logo} from '../shell/Logo';
import {PasswordForm} from './PasswordForm';

/** The first log-in with a one-time password: nothing else can be done before. */
export function PasswordPage({user, onChanged}: {user: string; onChanged: () => Promise<void>}) {
	const {t} = useI18n();
	return (
		<main className="gw-alone">
			<Card className="gw-alone-card">
				<CardBody>
					<Logo />
					<Title headingLevel="h1" className="gw-alone-title">{t('password.forced')}</Title>
					<Content component="p">{t('password.forcedLead')}</Content>
					<PasswordForm user={user} onChanged={() => void onChanged()} />
				</CardBody>
			</Card>
		</main>
	);
}
