import ArrowRightIcon from '@patternfly/react-icons/dist/esm/icons/arrow-right-icon';
import {Link} from 'react-router-dom';
import type {Certificate} from '../api/types';
import {useI18n} from '../i18n';
import {StatusLabel} from '../parts/Labels';

/** From the root, which devices trust, to the certificate itself. */
export function ChainPicture({chain}: {chain: Certificate[]}) {
	const {t, date} = useI18n();
	return (
		<ol className="gw-chain" aria-label={t('certificates.chain')}>
			{[...chain].reverse().map((certificate, i) => (
				<li key={certificate.id}>
					{i > 0 && <span className="gw-chain-arrow"><ArrowRightIcon aria-hidden="true" /><span className="gw-subtle">{t('certificates.signs')}</span></span>}
					<div className={`gw-chain-box gw-chain-${certificate.kind}`}>
						<span className="gw-subtle">{t(`kind.${certificate.kind}`)}</span>
						<Link to={`/certificates/${certificate.id}`}><strong>{certificate.display_name}</strong></Link>
						<span>{t('certificates.until', {date: date(certificate.not_after)})}</span>
						<StatusLabel certificate={certificate} />
					</div>
				</li>
			))}
		</ol>
	);
}
