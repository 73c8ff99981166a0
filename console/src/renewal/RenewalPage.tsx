import {Alert, PageSection} from '@patternfly/react-core';
import {useParams, useSearchParams} from 'react-router-dom';
import {getCandidates, getGateway} from '../api/gateways';
import {useI18n} from '../i18n';
import {LoadedView} from '../parts/LoadedView';
import {PageHead} from '../parts/PageHead';
import {useLoad} from '../parts/useLoad';
import {useSession} from '../session/SessionProvider';
import {RenewalWizard} from './RenewalWizard';

/** The renewal. ?job= is the one that runs or ran, so that a reload, or somebody else with the address, finds it. */
export function RenewalPage() {
	const {t} = useI18n();
	const {may} = useSession();
	const name = useParams().name ?? '';
	const [query, setQuery] = useSearchParams();
	const job = Number(query.get('job')) || null;
	const preferred = Number(query.get('certificate')) || null;
	const loaded = useLoad((signal) => Promise.all([getGateway(name, signal), getCandidates(name, signal)]), [name]);
	return (
		<>
			<PageHead title={t('renewal.title', {name})} lead={t('renewal.lead')} above={[[t('nav.gateways'), '/gateways'], [name, `/gateways/${name}`]]} />
			<PageSection hasBodyWrapper={false} isFilled>
				{!may('DEPLOY') && <Alert isInline component="p" variant="info" className="gw-gap-below" title={t('renewal.notAllowed')} />}
				<LoadedView loaded={loaded}>
					{([gateway, candidates]) => (
						<RenewalWizard
							gateway={gateway}
							candidates={candidates}
							preferred={preferred}
							job={job}
							onJob={(id) => {
								setQuery(id ? {job: String(id)} : {}, {replace: true});
								if (!id) loaded.reload();
							}}
						/>
					)}
				</LoadedView>
			</PageSection>
		</>
	);
}
