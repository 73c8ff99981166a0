import {
	Masthead, MastheadBrand, MastheadContent, MastheadLogo, MastheadMain, MastheadToggle, Page, PageSidebar, PageSidebarBody, PageToggleButton,
	SkipToContent, Toolbar, ToolbarContent, ToolbarGroup, ToolbarItem,
} from '@patternfly/react-core';
import {Suspense, useEffect, useState} from 'react';
import {Link, Outlet, useLocation} from 'react-router-dom';
import {useI18n} from '../i18n';
import {ErrorFence} from './ErrorFence';
import {LanguageMenu} from './LanguageMenu';
import {Logo} from './Logo';
import {Navigation} from './Navigation';
import {ThemeMenu} from './ThemeMenu';
import {UserMenu} from './UserMenu';

const NARROW = '(max-width: 1199px)';
const MAIN = 'main-content';

/** Masthead, navigation, and the page in the middle. */
export function Shell() {
	const {t} = useI18n();
	const {pathname} = useLocation();
	const [isOpen, setOpen] = useState(() => !window.matchMedia(NARROW).matches);
	useEffect(() => {
		const narrow = window.matchMedia(NARROW);
		const follow = () => setOpen(!narrow.matches);
		narrow.addEventListener('change', follow);
		return () => narrow.removeEventListener('change', follow);
	}, []);
	useEffect(() => {
		if (window.matchMedia(NARROW).matches) setOpen(false);
	}, [pathname]);

	const masthead = (
		<Masthead>
			<MastheadMain>
				<MastheadToggle>
					<PageToggleButton isHamburgerButton aria-label={t('nav.toggle')} isSidebarOpen={isOpen} onSidebarToggle={() => setOpen(!isOpen)} />
				</MastheadToggle>
				<MastheadBrand>
					<MastheadLogo component={(props) => <Link {...props} to="/" aria-label={t('nav.home')} />}><Logo /></MastheadLogo>
				</MastheadBrand>
			</MastheadMain>
			<MastheadContent>
				<Toolbar isStatic>
					<ToolbarContent>
						<ToolbarGroup align={{default: 'alignEnd'}} gap={{default: 'gapNone'}}>
							<ToolbarItem><LanguageMenu /></ToolbarItem>
							<ToolbarItem><ThemeMenu /></ToolbarItem>
							<ToolbarItem><UserMenu /></ToolbarItem>
						</ToolbarGroup>
					</ToolbarContent>
				</Toolbar>
			</MastheadContent>
		</Masthead>
	);
	const sidebar = (
		<PageSidebar isSidebarOpen={isOpen}>
			<PageSidebarBody><Navigation /></PageSidebarBody>
		</PageSidebar>
	);
	return (
		<Page masthead={masthead} sidebar={sidebar} mainContainerId={MAIN} isContentFilled skipToContent={<SkipToContent href={`#${MAIN}`}>{t('nav.skip')}</SkipToContent>}>
			<ErrorFence key={pathname}>
				<Suspense fallback={null}>
					<Outlet />
				</Suspense>
			</ErrorFence>
		</Page>
	);
}
