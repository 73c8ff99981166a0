import {Button, Modal, ModalBody, ModalHeader} from '@patternfly/react-core';
import type {Session} from '../api/types';
import {useI18n} from '../i18n';
import {LoginForm} from './LoginForm';

/** The session ended in the middle: the same person logs in again, and what was on the page is still there. */
export function LoginDialog({user, onLogin}: {user: string; onLogin: (session: Session) => void}) {
	const {t} = useI18n();
	return (
		<Modal isOpen variant="small" aria-labelledby="login-dialog-title" onEscapePress={() => undefined}>
			<ModalHeader title={t('login.expired')} description={t('login.expiredLead')} labelId="login-dialog-title" />
			<ModalBody>
				<LoginForm user={user} onLogin={onLogin} />
				<Button variant="link" isInline className="gw-other-user" onClick={() => window.location.assign('/')}>{t('login.otherUser')}</Button>
			</ModalBody>
		</Modal>
	);
}
