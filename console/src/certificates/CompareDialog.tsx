import {useState} from 'react';
import {useNavigate} from 'react-router-dom';
import {listCertificates} from '../api/certificates';
import type {Certificate} from '../api/types';
import {useI18n} from '../i18n';
import {Dialog} from '../parts/Dialog';
import {SelectField} from '../parts/SelectField';
import {useAction} from '../parts/useAction';
import {useLoad} from '../parts/useLoad';

/** Chooses the other one of a comparison; a successor is proposed. */
export function CompareDialog({certificate, onClose}: {certificate: Certificate; onClose: () => void}) {
	const {t, date} = useI18n();
	const navigate = useNavigate();
	const others = useLoad((signal) => listCertificates(signal), []);
	const [chosen, setChosen] = useState<string | null>(null);
	const list = (others.data ?? []).filter((c) => c.id !== certificate.id && c.kind === certificate.kind);
	const proposed = certificate.successors.find((id) => list.some((c) => c.id === id)) ?? list[0]?.id;
	const other = chosen ?? (proposed === undefined ? '' : String(proposed));
	const action = useAction(async () => navigate(`/certificates/${certificate.id}/compare/${other}`));
	return (
		<Dialog title={t('compare.choose', {name: certificate.display_name})} submit={t('certificates.compare')} isDisabled={!other} action={action} onClose={onClose}>
			<SelectField
				id="compare-other"
				label={t('compare.other')}
				value={other}
				onChange={setChosen}
				help={others.data && list.length === 0 ? t('compare.none') : undefined}
				options={list.map((c) => [String(c.id), `${c.display_name} (${t('certificates.number', {id: c.id})}, ${date(c.not_after)})`])}
			/>
		</Dialog>
	);
}
