import {Alert, Button, Checkbox} from '@patternfly/react-core';
import {useEffect, useRef, useState} from 'react';
import {useI18n} from '../i18n';
import {download} from '../parts/download';

interface RecoveryCodesProps {
	codes: string[];
	user: string;
	onKept: () => void;
}

/** Shown this once: they stay until somebody says that they are kept. */
export function RecoveryCodes({codes, user, onKept}: RecoveryCodesProps) {
	const {t} = useI18n();
	const [isKept, setKept] = useState(false);
	const [isCopied, setCopied] = useState(false);
	const box = useRef<HTMLDivElement>(null);
	useEffect(() => box.current?.focus(), []);
	const copy = () => void navigator.clipboard.writeText(codes.join('\n')).then(() => setCopied(true));
	return (
		<div ref={box} tabIndex={-1} className="gw-heading">
			<Alert isInline component="h3" variant="warning" title={t('totp.recovery')}>
				<ul className="gw-codes" aria-label={t('totp.codes')}>{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
				<p className="gw-buttons">
					<Button variant="secondary" size="sm" onClick={() => download(`gatewright-recovery-codes-${user}.txt`, `${codes.join('\n')}\n`, 'text/plain')}>{t('totp.download')}</Button>
					<Button variant="secondary" size="sm" onClick={copy}>{t(isCopied ? 'common.copied' : 'totp.copy')}</Button>
				</p>
				<Checkbox id="totp-kept" className="gw-gap-above" label={t('totp.kept')} isChecked={isKept} onChange={(_event, checked) => setKept(checked)} />
				<Button className="gw-gap-above" isDisabled={!isKept} onClick={onKept}>{t('totp.done')}</Button>
			</Alert>
		</div>
	);
}
