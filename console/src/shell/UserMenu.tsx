import {Divider, Dropdown, DropdownItem, DropdownList, MenuToggle} from '@patternfly/react-core';
import UserIcon from '@patternfly/react-icons/dist/esm/icons/user-icon';
import {useState} from 'react';
import {useNavigate} from 'react-router-dom';
import {sentenceOf} from '../api/problem';
import {useI18n} from '../i18n';
import {useToast} from '../parts/Toasts';
import {useSession} from '../session/SessionProvider';

export function UserMenu() {
	const {t} = useI18n();
	const {session, signOut} = useSession();
	const [isOpen, setOpen] = useState(false);
	const navigate = useNavigate();
	const say = useToast();
	const leave = (everywhere: boolean) => void signOut(everywhere).catch((error: unknown) => say(sentenceOf(error), 'danger'));
	return (
		<Dropdown
			isOpen={isOpen}
			onOpenChange={setOpen}
			onSelect={() => setOpen(false)}
			popperProps={{position: 'right'}}
			toggle={(ref) => (
				<MenuToggle ref={ref} isExpanded={isOpen} onClick={() => setOpen(!isOpen)} icon={<UserIcon />} aria-label={t('user.menu', {user: session.user})}>
					<span className="gw-user-name">{session.user}</span>
				</MenuToggle>
			)}
		>
			<DropdownList>
				<DropdownItem onClick={() => navigate('/account')} description={session.roles.map((role) => t(`role.${role}`)).join(', ')}>{t('account.title')}</DropdownItem>
				<Divider component="li" />
				<DropdownItem onClick={() => leave(false)}>{t('user.signOut')}</DropdownItem>
				<DropdownItem onClick={() => leave(true)}>{t('user.signOutEverywhere')}</DropdownItem>
			</DropdownList>
		</Dropdown>
	);
}
