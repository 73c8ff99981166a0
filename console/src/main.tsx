import '@patternfly/react-core/dist/styles/base.css';
import './styles.css';
import {StrictMode} from 'react';
import {createRoot} from 'react-dom/client';
import {App} from './App';
import {I18nProvider} from './i18n';
import {ToastProvider} from './parts/Toasts';
import {SessionProvider} from './session/SessionProvider';
import {applyTheme} from './shell/theme';

applyTheme();
createRoot(document.getElementById('root') as HTMLElement).render(
	<StrictMode>
		<I18nProvider>
			<ToastProvider>
				<SessionProvider>
					<App />
				</SessionProvider>
			</ToastProvider>
		</I18nProvider>
	</StrictMode>,
);
