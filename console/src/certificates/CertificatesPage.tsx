import {Button, PageSection, SearchInput, Toolbar, ToolbarContent, ToolbarItem} from '@patternfly/react-core';
import CertificateIcon from '@patternfly/react-icons/dist/esm/icons/certificate-icon';
import {useMemo, useState} from 'react';
import {useNavigate} from 'react-router-dom';
import {listCertificates} from '../api/certificates';
import {useI18n} from '../i18n';
import {Empty} from '../parts/Empty';
import {LoadedView} from '../parts/LoadedView';
import {PageHead} from '../parts/PageHead';
import {useLoad} from '../parts/useLoad';
import {useSession} from '../session/SessionProvider';
import {CertificateDialogs} from './CertificateDialogs';
import {CertificateTree} from './CertificateTree';
import {ImportDialog} from './ImportDialog';
import {treeRows} from './treeRows';
import type {CertificateDialog} from './useCertificateActions';

const REFRESH_MS = 15000;

export function CertificatesPage() {
	const {t, tn} = useI18n();
	const {may} = useSession();
	const navigate = useNavigate();
	const loaded = useLoad((signal) => listCertificates(signal), [], REFRESH_MS);
	const [query, setQuery] = useState('');
	const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(new Set());
	const [dialog, setDialog] = useState<CertificateDialog | null>(null);
	const [isImport, setImport] = useState(false);
	const rows = useMemo(() => treeRows(loaded.data ?? [], collapsed, query), [loaded.data, collapsed, query]);
	const toggle = (id: number) => {
		const next = new Set(collapsed);
		if (!next.delete(id)) next.add(id);
		setCollapsed(next);
	};
	const createRoot = may('ISSUE_CA') && <Button onClick={() => navigate('/certificates/new?kind=root')}>{t('certificates.createRoot')}</Button>;
	const importButton = may('ISSUE') && <Button variant="secondary" onClick={() => setImport(true)}>{t('import.open')}</Button>;

	return (
		<>
			<PageHead title={t('nav.certificates')} lead={t('certificates.lead')} actions={<>{createRoot}{importButton}</>} />
			<PageSection hasBodyWrapper={false}>
				<LoadedView loaded={loaded}>
					{(certificates) =>
						certificates.length === 0 ? (
							<Empty title={t('certificates.emptyTitle')} icon={CertificateIcon} actions={<>{createRoot}{importButton}</>}>{t('certificates.empty')}</Empty>
						) : (
							<>
								<Toolbar>
									<ToolbarContent>
										<ToolbarItem className="gw-search">
											<SearchInput aria-label={t('certificates.search')} placeholder={t('certificates.search')} value={query} onChange={(_event, value) => setQuery(value)} onClear={() => setQuery('')} />
										</ToolbarItem>
										<ToolbarItem alignSelf="center"><span role="status">{query ? tn('certificates.found', rows.length) : tn('certificates.count', certificates.length)}</span></ToolbarItem>
									</ToolbarContent>
								</Toolbar>
								<CertificateTree rows={rows} onToggle={toggle} onDialog={setDialog} />
							</>
						)
					}
				</LoadedView>
			</PageSection>
			<CertificateDialogs dialog={dialog} onClose={() => setDialog(null)} onChanged={loaded.reload} />
			{isImport && <ImportDialog onClose={() => setImport(false)} onImported={loaded.reload} />}
		</>
	);
}
