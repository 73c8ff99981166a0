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

/** Chooses the other one of a comparison; a successor is proposed. */
export function CompareDialog({certificate, onClose}: {certificate: Certificate; onClose: () => void}) {
	const {t, date} = useI18n();
	const navigate = useNavigate();
	const successors = useLoad((signal) => getCertificates(certificate.successors, signal), [certificate.id]);
	const [chosen, setChosen] = useState<string | null>(null);
	const other = chosen ?? String(successors.data?.[0]?.id ?? '');
	const action = useAction(async () => navigate(`/certificates/${certificate.id}/compare/${other}`));
	return (
		<Dialog title={t('compare.choose', {name: certificate.display_name})} submit={t('certificates.compare')} isDisabled={!other} action={action} onClose={onClose}>
			<LoadedView loaded={successors}>
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
