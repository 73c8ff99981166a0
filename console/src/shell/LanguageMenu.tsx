import LanguageIcon from '@patternfly/react-icons/dist/esm/icons/language-icon';
import {LANGUAGES, useI18n} from '../i18n';
import type {Language} from '../i18n/catalogue';
import {ChoiceMenu} from './ChoiceMenu';

export function LanguageMenu() {
	const {t, language, setLanguage} = useI18n();
	return (
		<ChoiceMenu label={t('language.label')} icon={<LanguageIcon />} value={language} options={Object.entries(LANGUAGES) as [Language, string][]} onChoose={setLanguage} />
	);
}
