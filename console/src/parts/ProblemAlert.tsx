import {Alert, AlertActionLink} from '@patternfly/react-core';
import {Link} from 'react-router-dom';
import {ApprovalNeeded, Problem, sentenceOf, Unreachable} from '../api/problem';
import {useI18n} from '../i18n';
import type {TextKey} from '../i18n/catalogue';
import {FindingList} from './FindingList';

const CHANGED = 412;

/** What somebody who is logged in typed again. */
function typedWrong(error: unknown, t: (key: TextKey) => string): string | null {
	if (!(error instanceof Problem)) return null;
	if (error.reason === 'credentials') return t('problem.password');
	return error.reason === 'code-wrong' ? t('login.codeWrong') : null;
}

interface ProblemAlertProps {
	error: unknown;
	title?: string;
	onRetry?: () => void;
	/** Findings that are shown elsewhere, at their field. */
	withoutFindings?: boolean;
	/** Reads anew what somebody else has changed meanwhile. */
	onReload?: () => void;
}

/** What went wrong, in the server's words, as far as they are known in the console's language. */
export function ProblemAlert({error, title, onRetry, withoutFindings, onReload}: ProblemAlertProps) {
	const {t, said} = useI18n();
	if (!error) return null;
	const findings = error instanceof Problem && !withoutFindings ? error.findings : [];
	const retry = onRetry && <AlertActionLink onClick={onRetry}>{t('common.retry')}</AlertActionLink>;
	if (error instanceof ApprovalNeeded) {
		return (
			<Alert isInline component="p" variant="info" title={t('approval.needed')} actionLinks={onRetry && <AlertActionLink onClick={onRetry}>{t('approval.again')}</AlertActionLink>}>
				{t('approval.explain', {id: error.approval.id, summary: error.approval.summary})}
			</Alert>
		);
	}
	if (error instanceof Unreachable) return <Alert isInline component="p" variant="danger" title={t('problem.unreachable')} actionLinks={retry} />;
	if (error instanceof Problem && error.reason === 'second-factor') {
		return <Alert isInline component="p" variant="warning" title={t('problem.secondFactor')} actionLinks={<Link to="/account">{t('totp.begin')}</Link>} />;
	}
	if (error instanceof Problem && error.status === CHANGED) {
		return (
			<Alert isInline component="p" variant="warning" title={t('changed.title')} role="alert" actionLinks={onReload && <AlertActionLink onClick={onReload}>{t('changed.reload')}</AlertActionLink>}>
				{t('changed.text')}
			</Alert>
		);
	}
	const heading = title ?? (error instanceof Problem && error.status === 403 ? t('problem.forbidden') : t('problem.title'));
	return (
		<Alert isInline component="p" variant="danger" title={heading} actionLinks={retry} role="alert">
			{findings.length > 0 ? <FindingList findings={findings} /> : (typedWrong(error, t) ?? sentenceOf(said(error instanceof Error ? error.message : String(error))))}
		</Alert>
	);
}
