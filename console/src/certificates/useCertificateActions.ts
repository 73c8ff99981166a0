import {useNavigate} from 'react-router-dom';
import type {Certificate} from '../api/types';
import {useI18n} from '../i18n';
import type {MenuAction} from '../parts/ActionMenu';
import {useSession} from '../session/SessionProvider';

export interface CertificateDialog {
	kind: 'export' | 'revoke' | 'delete' | 'compare';
	certificate: Certificate;
}

/** What may be done with a certificate; what may not says why. */
export function useCertificateActions(certificate: Certificate, onDialog: (dialog: CertificateDialog) => void): MenuAction[] {
	const {t} = useI18n();
	const {may} = useSession();
	const navigate = useNavigate();
	const isCa = certificate.kind !== 'end-entity';
	const forbidden = may('ISSUE') ? null : t('common.notAllowed');
	const dialog = (kind: CertificateDialog['kind']) => () => onDialog({kind, certificate});
	const used = certificate.used_by.length > 0 ? t('certificates.inUse', {where: certificate.used_by.map((use) => use.gateway ?? t('used.console')).join(', ')}) : null;

	const create: MenuAction[] = isCa
		? [{
			key: 'create',
			text: t('certificates.createSigned'),
			onSelect: () => navigate(`/certificates/new?issuer=${certificate.id}`),
			disabled: forbidden ?? (certificate.has_key ? null : t('certificates.noKey')),
		}]
		: [];
	const revoke: MenuAction[] = certificate.kind === 'root'
		? []
		: [{key: 'revoke', text: t('certificates.revoke'), onSelect: dialog('revoke'), isDanger: true, disabled: forbidden ?? used ?? (certificate.status === 'revoked' ? t('certificates.isRevoked') : null)}];
	return [
		...create,
		{key: 'renew', text: t('certificates.renew'), onSelect: () => navigate(`/certificates/new?renews=${certificate.id}`), disabled: forbidden},
		{key: 'compare', text: t('certificates.compare'), onSelect: dialog('compare')},
		{key: 'export', text: t('certificates.export'), onSelect: dialog('export')},
		...revoke,
		{key: 'delete', text: t('certificates.delete'), onSelect: dialog('delete'), isDanger: true, disabled: forbidden ?? used},
	];
}
