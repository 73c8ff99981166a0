import {PageSection} from '@patternfly/react-core';
import SearchIcon from '@patternfly/react-icons/dist/esm/icons/search-icon';
import {Link} from 'react-router-dom';
import {useI18n} from '../i18n';
import {Empty} from '../parts/Empty';
import {PageHead} from '../parts/PageHead';

export function NotFoundPage() {
	const {t} = useI18n();
	return (
		<>
			<PageHead title={t('notFound.title')} />
			<PageSection hasBodyWrapper={false}>
				<Empty title={t('notFound.text')} icon={SearchIcon}><Link to="/">{t('nav.overview')}</Link></Empty>
			</PageSection>
		</>
	);
}
