import type {CertificateDialog} from './useCertificateActions';
import {CompareDialog} from './CompareDialog';
import {ExportDialog} from './ExportDialog';
import {DeleteDialog, RevokeDialog} from './RemoveDialogs';

interface CertificateDialogsProps {
	dialog: CertificateDialog | null;
	onClose: () => void;
	/** The certificate is another one now, or gone. */
	onChanged: (isGone: boolean) => void;
}

/** The dialog that was asked for. */
export function CertificateDialogs({dialog, onClose, onChanged}: CertificateDialogsProps) {
	if (!dialog) return null;
	const {certificate} = dialog;
	const changed = (isGone: boolean) => () => {
		onClose();
		onChanged(isGone);
	};
	switch (dialog.kind) {
	case 'export':
		return <ExportDialog certificate={certificate} onClose={onClose} />;
	case 'compare':
		return <CompareDialog certificate={certificate} onClose={onClose} />;
	case 'revoke':
		return <RevokeDialog certificate={certificate} onClose={onClose} onDone={changed(false)} />;
	case 'delete':
		return <DeleteDialog certificate={certificate} onClose={onClose} onDone={changed(true)} />;
	}
}
