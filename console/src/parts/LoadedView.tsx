import {Bullseye, Spinner} from '@patternfly/react-core';
import type {ReactNode} from 'react';
import {useI18n} from '../i18n';
import {ProblemAlert} from './ProblemAlert';
import type {Loaded} from './useLoad';

/** What was loaded; before that a spinner, and an error above what is still known. */
export function LoadedView<T>({loaded, children}: {loaded: Loaded<T>; children: (data: T) => ReactNode}) {
	const {t} = useI18n();
	return (
		<>
			<ProblemAlert error={loaded.error} onRetry={loaded.reload} />
			{loaded.data !== null && children(loaded.data)}
			{loaded.data === null && !loaded.error && <Bullseye className="gw-loading"><Spinner aria-label={t('common.loading')} /></Bullseye>}
		</>
	);
}
