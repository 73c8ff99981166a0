import {Alert, Button, FileUpload, FormGroup, List, ListItem} from '@patternfly/react-core';
import {useState} from 'react';
import {importCertificates, lookIntoImport, type ImportAnswer} from '../api/certificates';
import {ApprovalNeeded} from '../api/problem';
import {useI18n} from '../i18n';
import {Dialog} from '../parts/Dialog';
import {base64OfBytes} from '../parts/download';
import {Field} from '../parts/Field';
import {FindingList} from '../parts/FindingList';
import {useToast} from '../parts/Toasts';
import {useAction} from '../parts/useAction';
import {asOne} from './importFiles';

interface ImportDialogProps {
	onClose: () => void;
	onImported: () => void;
}

/** Files that are dropped or chosen: looked at first, taken in on the second press. */
export function ImportDialog({onClose, onImported}: ImportDialogProps) {
	const {t, tn} = useI18n();
	const say = useToast();
	const [file, setFile] = useState<{name: string; data: string} | null>(null);
	const [isMixed, setMixed] = useState(false);
	const [passphrase, setPassphrase] = useState('');
	const [approval, setApproval] = useState<number | undefined>();
	const [preview, setPreview] = useState<ImportAnswer | null>(null);
	const found = preview?.would_import ?? 0;
	const canImport = found > 0;

	const action = useAction(async () => {
		if (!file) return;
		if (!canImport) {
			setPreview(await lookIntoImport(file.data, passphrase || undefined));
			return;
		}
		try {
			const answer = await importCertificates(file.data, passphrase || undefined, approval);
			say(tn('import.done', answer.imported.length));
			onImported();
			onClose();
		} catch (error) {
			if (error instanceof ApprovalNeeded) setApproval(error.approval.id);
			throw error;
		}
	});
	const forget = () => {
		setPreview(null);
		setApproval(undefined);
		action.clear();
	};
	const take = async (chosen: File[]) => {
		forget();
		const one = asOne(await Promise.all(chosen.map(async (each) => ({name: each.name, bytes: new Uint8Array(await each.arrayBuffer())}))));
		setMixed(!one);
		setFile(one && {name: one.name, data: base64OfBytes(one.bytes)});
	};

	return (
		<Dialog size="medium" title={t('import.title')} description={t('import.lead')} submit={t(canImport ? 'import.submit' : 'import.look')} isDisabled={!file} action={action} onClose={onClose} onRetry={approval ? () => void action.run() : undefined}>
			<FormGroup label={t('import.file')} fieldId="import-file" isRequired>
				<FileUpload
					id="import-file"
					filename={file?.name ?? ''}
					filenamePlaceholder={t('import.drop')}
					browseButtonText={t('import.browse')}
					clearButtonText={t('import.clear')}
					browseButtonAriaDescribedby="import-file-filename"
					hideDefaultPreview
					dropzoneProps={{multiple: true, onDropAccepted: (chosen) => void take(chosen)}}
					onClearClick={() => {
						setFile(null);
						setMixed(false);
						forget();
					}}
				/>
				{isMixed && <Alert isInline component="p" variant="warning" role="alert" title={t('import.mixed')} />}
			</FormGroup>
			<Field
				id="import-passphrase"
				label={t('import.passphrase')}
				help={t('import.passphraseHelp')}
				type="password"
				value={passphrase}
				autoComplete="off"
				onChange={(value) => {
					setPassphrase(value);
					forget();
				}}
			/>
			{preview && (
				<div role="status">
					{canImport && <Alert isInline component="p" variant="info" title={tn('import.would', found)} />}
					{!canImport && preview.skipped.length === 0 && <Alert isInline component="p" variant="warning" title={t('import.nothing')} />}
					{preview.skipped.length > 0 && (
						<Alert isInline component="p" variant="warning" title={tn('import.skipped', preview.skipped.length)}>
							<List>{preview.skipped.map((one) => <ListItem key={one.fingerprint}><code>{one.fingerprint.slice(0, 16)}</code>: {one.reason}</ListItem>)}</List>
						</Alert>
					)}
					<FindingList findings={preview.notes} />
					{canImport && <Button variant="link" isInline onClick={forget}>{t('import.again')}</Button>}
				</div>
			)}
		</Dialog>
	);
}
