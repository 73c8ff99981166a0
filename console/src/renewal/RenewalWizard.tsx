import {useWizardContext, Wizard, WizardStep, type WizardStepType} from '@patternfly/react-core';
import {useCallback, useEffect, useLayoutEffect, useRef, useState} from 'react';
import {useNavigate} from 'react-router-dom';
import {updateKeystore} from '../api/gateways';
import type {Candidate, Candidates, Gateway} from '../api/types';
import {useI18n} from '../i18n';
import {useFollowedJob} from '../jobs/useFollowedJob';
import {useAction} from '../parts/useAction';
import {useSession} from '../session/SessionProvider';
import {CertificateStep} from './CertificateStep';
import {GatewayStep} from './GatewayStep';
import {hostKeyAccepted, isChangedKey} from './HostKeyCheck';
import {PlanView} from './PlanView';
import {ProgressStepView} from './ProgressStepView';
import {ResultStep} from './ResultStep';
import {SshStep} from './SshStep';
import {firstSshForm, isSshComplete, loginOf, withoutSecrets} from './sshForm';
import {useHostKey} from './useHostKey';

interface RenewalWizardProps {
	gateway: Gateway;
	candidates: Candidates;
	preferred: number | null;
	job: number | null;
	onJob: (id: number | null) => void;
}

const CERTIFICATE = 2;
const SSH = 3;
const PROGRESS = 4;
const RESULT = 5;

const hasWarning = ({findings}: Candidate) => findings.some((finding) => finding.severity === 'warning');

/** Five steps. Until the third nothing has happened anywhere; from the fourth on there is no way back but the host's own. */
export function RenewalWizard({gateway, candidates, preferred, job: jobId, onJob}: RenewalWizardProps) {
	const {t} = useI18n();
	const {may} = useSession();
	const navigate = useNavigate();
	const usable = candidates.items.filter((item) => item.usable);
	const [chosen, setChosen] = useState<number | null>(usable.some((item) => item.certificate.id === preferred) ? preferred : (usable[0]?.certificate.id ?? null));
	const [isForced, setForced] = useState(false);
	const [ssh, setSsh] = useState(() => firstSshForm(gateway));
	const [isAccepted, setAccepted] = useState(false);
	const [isAtSsh, setAtSsh] = useState(false);
	const [first, setFirst] = useState(1);
	const hostKey = useHostKey(gateway.name, isAtSsh ? ssh.host : '', ssh.port);
	const followed = useFollowedJob(jobId);
	const item = candidates.items.find((one) => one.certificate.id === chosen);
	const hasWarnings = item !== undefined && hasWarning(item);

	const start = useAction(async () => {
		try {
			const job = await updateKeystore(gateway.name, {
				certificate: chosen ?? undefined,
				ssh: loginOf(ssh),
				accept_host_key: isAccepted ? hostKey.data?.host_key : undefined,
				force_warnings: isForced,
			});
			onJob(job.id);
		} finally {
			setSsh(withoutSecrets);
		}
	});
	// what was chosen and typed is still there, but for the secrets; warnings that a reload has forgotten are read again
	const retry = () => {
		const wanted = usable.find(({certificate}) => certificate.id === followed.job?.certificate);
		const isRead = wanted !== undefined && (!hasWarning(wanted) || (isForced && wanted === item));
		if (wanted) setChosen(wanted.certificate.id);
		setFirst(isRead ? SSH : CERTIFICATE);
		setAtSsh(isRead);
		onJob(null);
	};
	const leave = useCallback(() => navigate(`/gateways/${gateway.name}`), [navigate, gateway.name]);
	const onStepChange = (_event: unknown, step: WizardStepType) => setAtSsh(step.id === 'ssh');
	const canStart = may('DEPLOY') && isSshComplete(ssh) && hostKeyAccepted(hostKey.data, isAccepted) && !start.busy;
	const isRunning = jobId !== null;
	const common = {backButtonText: t('common.back'), cancelButtonText: t('common.cancel'), nextButtonText: t('common.next')};

	const box = useRef<HTMLDivElement>(null);
	// PatternFly names the button that shows the steps on a narrow screen "Wizard toggle", which hides the step that it shows
	useLayoutEffect(() => box.current?.querySelector('.pf-v6-c-wizard__toggle')?.removeAttribute('aria-label'), [isRunning]);

	return (
		<div ref={box}>
			<Wizard key={isRunning ? 'job' : 'form'} className="gw-wizard" isVisitRequired navAriaLabel={t('renewal.steps')} onClose={leave} onStepChange={onStepChange} startIndex={isRunning ? PROGRESS : first} shouldFocusContent>
				<WizardStep id="gateway" name={t('renewal.step1')} isDisabled={isRunning} footer={{...common, isNextDisabled: gateway.active_job !== null}}>
					<GatewayStep gateway={gateway} candidates={candidates} />
				</WizardStep>
				<WizardStep id="certificate" name={t('renewal.step2')} isDisabled={isRunning} footer={{...common, isNextDisabled: !item || (hasWarnings && !isForced)}}>
					<CertificateStep
						gateway={gateway}
						candidates={candidates}
						chosen={chosen}
						onChoose={(id) => {
							setChosen(id);
							setForced(false);
						}}
						isForced={isForced}
						onForce={setForced}
					/>
				</WizardStep>
				<WizardStep
					id="ssh"
					name={t('renewal.step3')}
					isDisabled={isRunning}
					footer={{...common, nextButtonText: t('renewal.start'), isNextDisabled: !canStart, nextButtonProps: {isLoading: start.busy}, onNext: () => void start.run()}}
				>
					<SshStep form={ssh} onChange={setSsh} hostKey={hostKey} isAccepted={isAccepted} onAccept={setAccepted} error={start.error} onSubmit={() => canStart && void start.run()}>
						{chosen !== null && isAtSsh && hostKey.data && !isChangedKey(hostKey.data) && <PlanView gateway={gateway.name} certificate={chosen} form={ssh} hostKey={isAccepted ? hostKey.data?.host_key : undefined} />}
					</SshStep>
				</WizardStep>
				<WizardStep
					id="progress"
					name={t('renewal.step4')}
					isDisabled={!isRunning}
					footer={{...common, isBackHidden: true, cancelButtonText: t('renewal.leave'), isNextDisabled: !followed.job?.done}}
				>
					{followed.job?.done && <GoToResult />}
					<ProgressStepView followed={followed} />
				</WizardStep>
				<WizardStep id="result" name={t('renewal.step5')} isDisabled={!followed.job?.done} footer={{...common, isBackHidden: true, isCancelHidden: true, nextButtonText: t('renewal.finish'), onNext: leave}}>
					{followed.job && <ResultStep job={followed.job} onRetry={retry} />}
				</WizardStep>
			</Wizard>
		</div>
	);
}

/** Goes on to the result by itself once it is there. */
function GoToResult() {
	const {goToStepByIndex} = useWizardContext();
	useEffect(() => goToStepByIndex(RESULT), []);
	return null;
}
