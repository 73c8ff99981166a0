import {Nav, NavItem, NavList} from '@patternfly/react-core';
import {Link, useLocation} from 'react-router-dom';
import type {Permission} from '../api/types';
import {useI18n} from '../i18n';
import type {TextKey} from '../i18n/catalogue';
import {useSession} from '../session/SessionProvider';

const ITEMS: [string, TextKey, Permission][] = [
	['/', 'nav.overview', 'VIEW'],
	['/certificates', 'nav.certificates', 'VIEW'],
	['/gateways', 'nav.gateways', 'VIEW'],
	['/jobs', 'nav.jobs', 'VIEW'],
	['/audit', 'nav.audit', 'AUDIT'],
	['/users', 'nav.users', 'ADMIN'],
	['/settings', 'nav.settings', 'ADMIN'],
];

export function Navigation() {
	const {t} = useI18n();
	const {may} = useSession();
	const {pathname} = useLocation();
	const isActive = (to: string) => (to === '/' ? pathname === '/' : pathname === to || pathname.startsWith(`${to}/`));
	return (
		<Nav aria-label={t('nav.label')}>
			<NavList>
				{ITEMS.filter(([, , permission]) => may(permission)).map(([to, key]) => (
					<NavItem key={to} itemId={to} isActive={isActive(to)}><Link to={to}>{t(key)}</Link></NavItem>
				))}
			</NavList>
		</Nav>
	);
}
