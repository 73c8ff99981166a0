import AdjustIcon from '@patternfly/react-icons/dist/esm/icons/adjust-icon';
import {useI18n} from '../i18n';
import {ChoiceMenu} from './ChoiceMenu';
import {setTheme, useTheme} from './theme';

export function ThemeMenu() {
	const {t} = useI18n();
	return (
		<ChoiceMenu
			label={t('theme.label')}
			icon={<AdjustIcon />}
			value={useTheme()}
			options={[['system', t('theme.system')], ['light', t('theme.light')], ['dark', t('theme.dark')]]}
			onChoose={setTheme}
		/>
	);
}
