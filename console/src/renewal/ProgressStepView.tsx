import {Content} from '@patternfly/react-core';
import {useI18n} from '../i18n';
import {JobProgress} from '../jobs/JobProgress';
import type {FollowedJob} from '../jobs/useFollowedJob';

export function ProgressStepView({followed}: {followed: FollowedJob}) {
	const {t} = useI18n();
	return (
		<>
			<Content component="h2">{t('renewal.step4')}</Content>
			<Content component="p">{t('renewal.progressLead')}</Content>
			<JobProgress followed={followed} />
		</>
	);
}
