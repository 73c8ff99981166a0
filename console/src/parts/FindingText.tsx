import type {Finding} from '../api/types';
import {useI18n} from '../i18n';

/** What was found: in another language than the server's the reason first, then its own words about this case. */
export function FindingText({finding}: {finding: Finding}) {
	const {reason, plain} = useI18n();
	const text = plain(finding.text);
	const known = reason(finding.id);
	if (known === null) return <>{text}</>;
	return <>{known}. <span lang="en" className="gw-subtle">{text}</span></>;
}
