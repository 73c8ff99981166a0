import {PageSection} from '@patternfly/react-core';
import {useParams} from 'react-router-dom';
import {getGateway, listTargets} from '../api/gateways';
import {useI18n} from '../i18n';
import {LoadedView} from '../parts/LoadedView';
import {PageHead} from '../parts/PageHead';
import {useLoad} from '../parts/useLoad';
import {GatewayFormView} from './GatewayFormView';

/** A gateway's record: a new one, or what is known changed. */
export function GatewayFormPage() {
	const {t} = useI18n();
	const {name} = useParams();
	const loaded = useLoad((signal) => Promise.all([listTargets(signal), name ? getGateway(name, signal) : null]), [name]);
	return (
		<>
			<PageHead title={name ? t('gatewayForm.editTitle', {name}) : t('gatewayForm.title')} lead={t('gatewayForm.lead')} above={[[t('nav.gateways'), '/gateways']]} />
			<PageSection hasBodyWrapper={false}>
				<LoadedView loaded={loaded}>{([targets, gateway]) => <GatewayFormView targets={targets} gateway={gateway} />}</LoadedView>
			</PageSection>
		</>
	);
}
