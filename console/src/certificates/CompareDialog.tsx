import {useState} from 'react';
import {useNavigate} from 'react-router-dom';
import {getCertificates} from '../api/certificates';
import type {Certificate} from '../api/types';
import {useI18n} from '../i18n';
import {Dialog} from '../parts/Dialog';
import {LoadedView} from '../parts/LoadedView';
import {useAction} from '../parts/useAction';
import {useLoad} from '../parts/useLoad';
import {CertificateSelect} from './CertificateSelect';

/** Chooses the other one of a comparison: a successor is proposed, or what it renews, which then is the one to be replaced. */
export function CompareDialog({certificate, onClose}: {certificate: Certificate; onClose: () => void}) {
	const {t, date} = useI18n();
	const navigate = useNavigate();
	const {id, predecessor, successors} = certificate;
	const kin = useLoad((signal) => getCertificates(predecessor ? [...successors, predecessor] : successors, signal), [id]);
	const [chosen, setChosen] = useState<string | null>(null);
	const proposed = kin.data?.find((one) => one.id !== predecessor) ?? kin.data?.[0];
	const other = chosen ?? String(proposed?.id ?? '');
	const action = useAction(async () => navigate(Number(other) === predecessor ? `/certificates/${other}/compare/${id}` : `/certificates/${id}/compare/${other}`));
	return (
		<Dialog title={t('compare.choose', {name: certificate.display_name})} submit={t('certificates.compare')} isDisabled={!other} action={action} onClose={onClose}>
			<LoadedView loaded={kin}>
				{(known) => (
					<CertificateSelect
						id="compare-other"
						label={t('compare.other')}
						value={other}
						onChange={setChosen}
						kinds={[certificate.kind]}
						accept={(c) => c.id !== certificate.id}
						known={known}
						textOf={(c) => `${c.display_name} (${t('certificates.number', {id: c.id})}, ${date(c.not_after)})`}
						help={(isEmpty) => (isEmpty ? t('compare.none') : undefined)}
					/>
				)}
			</LoadedView>
		</Dialog>
	);
}
