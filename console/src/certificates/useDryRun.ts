import {useEffect, useState} from 'react';
import {checkCertificate} from '../api/certificates';
import {Problem} from '../api/problem';
import type {CertificateRequest, Finding} from '../api/types';

const PAUSE_MS = 350;

/** What the server finds about a request, asked once the typing pauses; the server's rules are the only ones. */
export function useDryRun(request: CertificateRequest): {findings: Finding[]; error: unknown; isCurrent: boolean} {
	const [state, setState] = useState<{findings: Finding[]; error: unknown; of: string}>({findings: [], error: null, of: ''});
	const text = JSON.stringify(request);
	useEffect(() => {
		const abort = new AbortController();
		const timer = window.setTimeout(() => {
			checkCertificate(JSON.parse(text) as CertificateRequest, abort.signal).then(
				(answer) => setState({findings: answer.notes, error: null, of: text}),
				(error: unknown) => {
					if (abort.signal.aborted) return;
					const findings = error instanceof Problem ? error.findings : [];
					setState({findings, error: findings.length > 0 ? null : error, of: text});
				},
			);
		}, PAUSE_MS);
		return () => {
			window.clearTimeout(timer);
			abort.abort();
		};
	}, [text]);
	return {findings: state.findings, error: state.error, isCurrent: state.of === text};
}
