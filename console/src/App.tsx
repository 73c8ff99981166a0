import {lazy, type ComponentType} from 'react';
import {createBrowserRouter, RouterProvider} from 'react-router-dom';
import {Shell} from './shell/Shell';

/** A page that is fetched when it is opened. */
function page<Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name) {
	const Page: ComponentType = lazy(() => load().then((module) => ({default: module[name] as ComponentType})));
	return <Page />;
}

const router = createBrowserRouter([
	{
		element: <Shell />,
		children: [
			{path: '/', element: page(() => import('./overview/OverviewPage'), 'OverviewPage')},
			{path: '/certificates', element: page(() => import('./certificates/CertificatesPage'), 'CertificatesPage')},
			{path: '/certificates/new', element: page(() => import('./certificates/NewCertificatePage'), 'NewCertificatePage')},
			{path: '/certificates/:id', element: page(() => import('./certificates/CertificatePage'), 'CertificatePage')},
			{path: '/certificates/:id/compare/:other', element: page(() => import('./certificates/ComparePage'), 'ComparePage')},
			{path: '/gateways', element: page(() => import('./gateways/GatewaysPage'), 'GatewaysPage')},
			{path: '/gateways/new', element: page(() => import('./gateways/GatewayFormPage'), 'GatewayFormPage')},
			{path: '/gateways/:name', element: page(() => import('./gateways/GatewayPage'), 'GatewayPage')},
			{path: '/gateways/:name/edit', element: page(() => import('./gateways/GatewayFormPage'), 'GatewayFormPage')},
			{path: '/gateways/:name/update-keystore', element: page(() => import('./renewal/RenewalPage'), 'RenewalPage')},
			{path: '/jobs', element: page(() => import('./jobs/JobsPage'), 'JobsPage')},
			{path: '/jobs/:id', element: page(() => import('./jobs/JobPage'), 'JobPage')},
			{path: '/audit', element: page(() => import('./audit/AuditPage'), 'AuditPage')},
			{path: '/users', element: page(() => import('./users/UsersPage'), 'UsersPage')},
			{path: '/settings', element: page(() => import('./settings/SettingsPage'), 'SettingsPage')},
			{path: '/account', element: page(() => import('./session/AccountPage'), 'AccountPage')},
			{path: '*', element: page(() => import('./shell/NotFoundPage'), 'NotFoundPage')},
		],
	},
]);

export function App() {
	return <RouterProvider router={router} />;
}
