import {Alert, List, ListItem} from '@patternfly/react-core';
import {useI18n} from '../i18n';
import type {Change} from './merge';

interface ChangedMeanwhileProps {
	/** Null: nobody has looked yet. */
	changes: Change[] | null;
	labelOf: (field: string) => string;
}

/** What somebody else has changed since this form was opened. */
export function ChangedMeanwhile({changes, labelOf}: ChangedMeanwhileProps) {
	const {t} = useI18n();
	if (!changes) return null;
	const shown = (value: string | boolean) => (typeof value === 'boolean' ? t(value ? 'common.yes' : 'common.no') : value || '–');
	return (
		<Alert isInline component="p" variant="info" title={t(changes.length > 0 ? 'changed.now' : 'changed.nothing')} role="status">
			<List>
				{changes.map(({field, theirs, mine}) => (
					<ListItem key={field}>
						{mine === null
							? t('changed.theirs', {field: labelOf(field), theirs: shown(theirs)})
							: t('changed.both', {field: labelOf(field), theirs: shown(theirs), mine: shown(mine)})}
					</ListItem>
				))}
			</List>
		</Alert>
	);
}
