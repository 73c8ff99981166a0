import {Card, CardBody, CardTitle, Gallery, PageSection} from '@patternfly/react-core';
import {useI18n} from '../i18n';
import {PageHead} from '../parts/PageHead';
import {useToast} from '../parts/Toasts';
import {TokensCard} from '../users/TokensCard';
import {PasswordForm} from './PasswordForm';
import {useSession} from './SessionProvider';
import {TotpCard} from './TotpCard';

/** One's own password, second factor and tokens. */
export function AccountPage() {
	const {t} = useI18n();
	const {session, refresh} = useSession();
	const say = useToast();
	return (
		<>
			<PageHead title={t('account.title')} lead={t('account.lead', {user: session.user})} />
			<PageSection hasBodyWrapper={false}>
				<Gallery hasGutter minWidths={{default: '18rem', md: '26rem'}}>
					<Card component="section">
						<CardTitle component="h2">{t('password.title')}</CardTitle>
						<CardBody>
							<PasswordForm
								user={session.user}
								onChanged={() => {
									say(t('password.changed'));
									void refresh();
								}}
							/>
						</CardBody>
					</Card>
					<TotpCard />
				</Gallery>
			</PageSection>
			<PageSection hasBodyWrapper={false}><TokensCard /></PageSection>
		</>
	);
}
