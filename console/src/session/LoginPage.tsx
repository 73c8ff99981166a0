import {Card, CardBody, Content, Title} from '@patternfly/react-core';
import {useEffect} from 'react';
import type {Session} from '../api/types';
import {useI18n} from '../i18n';
import {LanguageMenu} from '../shell/LanguageMenu';
import {Logo} from '../shell/Logo';
import {ThemeMenu} from '../shell/ThemeMenu';
import {LoginForm} from './LoginForm';

export function LoginPage({onLogin}: {onLogin: (session: Session) => void}) {
	const {t} = useI18n();
	useEffect(() => {
		document.title = `${t('login.title')} · Gatewright`;
	}, [t]);
	return (
		<main className="gw-alone">
			<div className="gw-alone-tools"><LanguageMenu /><ThemeMenu /></div>
			<Card className="gw-alone-card">
				<CardBody>
					<Logo />
					<Title headingLevel="h1" className="gw-alone-title">{t('login.title')}</Title>
					<Content component="p">{t('login.lead')}</Content>
					<LoginForm onLogin={onLogin} />
				</CardBody>
			</Card>
		</main>
	);
}
