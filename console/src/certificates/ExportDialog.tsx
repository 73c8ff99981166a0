import {Content, FormGroup, Radio} from '@patternfly/react-core';
import {useState} from 'react';
import {exportCertificate, type ExportFormat} from '../api/certificates';
import {ApprovalNeeded} from '../api/problem';
import type {Certificate, Finding} from '../api/types';
import {useI18n} from '../i18n';
import {Dialog} from '../parts/Dialog';
import {bytesOfBase64, download} from '../parts/download';
import {Field} from '../parts/Field';
import {useAction} from '../parts/useAction';
import {useSession} from '../session/SessionProvider';

const FORMATS: ExportFormat[] = ['pem', 'chain', 'keystore'];

/** A file of the certificate; the keystore has the private key, locked by a passphrase that is typed twice. */
export function ExportDialog({certificate, onClose}: {certificate: Certificate; onClose: () => void}) {
	const {t} = useI18n();
	const {may} = useSession();
	const [format, setFormat] = useState<ExportFormat>('pem');
	const [passphrase, setPassphrase] = useState('');
	const [again, setAgain] = useState('');
	const [approval, setApproval] = useState<number | undefined>();
	const isKeystore = format === 'keystore';

	const action = useAction(async () => {
		try {
			const file = await exportCertificate(certificate.id, format, isKeystore ? passphrase : undefined, approval);
			if (isKeystore) download(file.file_name, bytesOfBase64(file.data), 'application/x-pkcs12');
			else download(file.file_name, file.data, 'application/x-pem-file');
			onClose();
		} catch (error) {
			if (error instanceof ApprovalNeeded) setApproval(error.approval.id);
			throw error;
		}
	});
	const whyNot = (one: ExportFormat): string | null => {
		if (one !== 'keystore') return null;
		if (certificate.kind !== 'end-entity' || !certificate.has_key) return t('export.noKey');
		return may('EXPORT') ? null : t('common.notAllowed');
	};
	const differs: Finding[] = again && again !== passphrase ? [{id: 'differs', severity: 'blocker', field: 'again', text: t('export.differs')}] : [];

	return (
		<Dialog title={t('export.title', {name: certificate.display_name})} submit={t('export.submit')} action={action} onClose={onClose} isDisabled={isKeystore && (!passphrase || passphrase !== again)} onRetry={approval ? () => void action.run() : undefined}>
			<FormGroup role="radiogroup" isStack label={t('export.format')} fieldId="export-format">
				{FORMATS.map((one) => (
					<Radio key={one} id={`export-${one}`} name="export-format" label={t(`export.${one}`)} description={whyNot(one) ?? t(`export.${one}Help`)} isChecked={format === one} isDisabled={whyNot(one) !== null} onChange={() => setFormat(one)} />
				))}
			</FormGroup>
			{isKeystore && (
				<>
					<Field id="export-passphrase" label={t('export.passphrase')} help={t('export.passphraseHelp')} type="password" value={passphrase} onChange={setPassphrase} autoComplete="new-password" isRequired />
					<Field id="export-again" label={t('export.again')} type="password" value={again} onChange={setAgain} autoComplete="new-password" findings={differs} isRequired />
					<Content component="small">{t('export.keystoreHow')}</Content>
				</>
			)}
		</Dialog>
	);
}
