import {Alert, Button, PageSection, Stack, StackItem} from '@patternfly/react-core';
import {useState} from 'react';
import {Link, useNavigate, useParams} from 'react-router-dom';
import {getCertificates, getServed} from '../api/certificates';
import {getGateway, listKeystores, listProbes, probeGateway} from '../api/gateways';
import {sentenceOf} from '../api/problem';
import type {Gateway, Keystore} from '../api/types';
import {useI18n} from '../i18n';
import {ActionMenu} from '../parts/ActionMenu';
import {LoadedView} from '../parts/LoadedView';
import {PageHead} from '../parts/PageHead';
import {useToast} from '../parts/Toasts';
import {useLoad} from '../parts/useLoad';
import {useAction} from '../parts/useAction';
import {useSession} from '../session/SessionProvider';
import {DeleteGatewayDialog} from './DeleteGatewayDialog';
import {HostCard} from './HostCard';
import {KeystoresCard} from './KeystoresCard';
import {ProbesCard} from './ProbesCard';
import {RollbackDialog} from './RollbackDialog';
import {ServedCard} from './ServedCard';

const REFRESH_MS = 10000;

export function GatewayPage() {
	const {t} = useI18n();
	const {may} = useSession();
	const name = useParams().name ?? '';
	const navigate = useNavigate();
	const say = useToast();
	const loaded = useLoad(
		async (signal) => {
			const [gateway, keystores, probes] = await Promise.all([getGateway(name, signal), listKeystores(name, signal), listProbes(name, signal)]);
			const ids = [gateway.certificate, ...keystores.map((keystore) => keystore.certificate)].filter((id): id is number => id !== null);
			const known = await getCertificates([...new Set(ids)], signal);
			const seen = [gateway.last_probe ?? [], ...probes.map((record) => record.probes)].flat().map((probe) => probe.fingerprint);
			return {gateway, certificates: [...known, ...(await getServed(seen, known, signal))], keystores, probes};
		},
		[name],
		REFRESH_MS,
	);
	const [rollback, setRollback] = useState<Keystore | null>(null);
	const [deleted, setDeleted] = useState<Gateway | null>(null);
	const probe = useAction(async () => {
		const answer = await probeGateway(name);
		say(t(answer.agree && answer.certificate ? 'gateways.probeAgrees' : 'gateways.probeDiffers'), answer.agree && answer.certificate ? 'success' : 'danger');
		loaded.reload();
	});
	const update = () => navigate(`/gateways/${name}/update-keystore`);
	const activeJob = loaded.data?.gateway.active_job ?? null;
	const busy = activeJob ? t('gateways.jobRuns') : null;
	const actions = may('DEPLOY') && (
		<>
			<Button onClick={update} isDisabled={activeJob !== null}>{t('gateways.update')}</Button>
			<Button variant="secondary" isLoading={probe.busy} isDisabled={probe.busy} onClick={() => void probe.run()}>{t('gateways.probe')}</Button>
			<ActionMenu
				label={t('gateways.menu', {name})}
				actions={[
					{key: 'edit', text: t('gateways.edit'), onSelect: () => navigate(`/gateways/${name}/edit`)},
					{key: 'delete', text: t('gateways.delete'), isDanger: true, disabled: busy, onSelect: () => setDeleted(loaded.data?.gateway ?? null)},
				]}
			/>
		</>
	);
	return (
		<>
			<PageHead title={name} lead={t('gateways.oneLead')} above={[[t('nav.gateways'), '/gateways']]} actions={actions} />
			<PageSection hasBodyWrapper={false}>
				{probe.error ? <Alert isInline component="p" variant="danger" title={t('gateways.probeFailed')}>{sentenceOf(probe.error)}</Alert> : null}
				<LoadedView loaded={loaded}>
					{({gateway, certificates, keystores, probes}) => (
						<Stack hasGutter>
							{gateway.active_job && (
								<StackItem>
									<Alert isInline component="p" variant="info" title={t('gateways.jobRuns')}><Link to={`/jobs/${gateway.active_job}`}>{t('jobs.number', {id: gateway.active_job})}</Link></Alert>
								</StackItem>
							)}
							<StackItem><ServedCard gateway={gateway} certificates={certificates} /></StackItem>
							<StackItem><KeystoresCard keystores={keystores} certificates={certificates} onRollback={may('DEPLOY') ? setRollback : undefined} isBusy={activeJob !== null} /></StackItem>
							<StackItem><ProbesCard records={probes} certificates={certificates} /></StackItem>
							<StackItem><HostCard gateway={gateway} onPinned={loaded.reload} /></StackItem>
						</Stack>
					)}
				</LoadedView>
			</PageSection>
			{rollback && loaded.data && <RollbackDialog gateway={loaded.data.gateway} keystore={rollback} certificate={loaded.data.certificates.find((one) => one.id === rollback.certificate)} onClose={() => setRollback(null)} onStarted={(job) => navigate(`/jobs/${job.id}`)} />}
			{deleted && (
				<DeleteGatewayDialog
					gateway={deleted}
					onClose={() => setDeleted(null)}
					onDone={() => navigate('/gateways')}
					onReload={() => {
						setDeleted(null);
						loaded.reload();
					}}
				/>
			)}
		</>
	);
}
