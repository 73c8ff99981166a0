import {Gallery, PageSection, Stack, StackItem} from '@patternfly/react-core';
import {useI18n} from '../i18n';
import {PageHead} from '../parts/PageHead';
import {ApprovalsCard} from './ApprovalsCard';
import {ConsoleCertificateCard} from './ConsoleCertificateCard';
import {SettingsCard} from './SettingsCard';

export function SettingsPage() {
	const {t} = useI18n();
	return (
		<>
			<PageHead title={t('nav.settings')} lead={t('settings.lead')} />
			<PageSection hasBodyWrapper={false}>
				<Stack hasGutter>
					<StackItem><ApprovalsCard /></StackItem>
					<StackItem>
						<Gallery hasGutter minWidths={{default: '18rem', md: '26rem'}}>
							<SettingsCard />
							<ConsoleCertificateCard />
						</Gallery>
					</StackItem>
				</Stack>
			</PageSection>
		</>
	);
}
