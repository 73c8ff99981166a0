import {Button, PageSection, SearchInput, Toolbar, ToolbarContent, ToolbarItem} from '@patternfly/react-core';
import CertificateIcon from '@patternfly/react-icons/dist/esm/icons/certificate-icon';
import {useState} from 'react';
import {useNavigate} from 'react-router-dom';
import {useI18n} from '../i18n';
import {Empty} from '../parts/Empty';
import {LoadedView} from '../parts/LoadedView';
import {PageHead} from '../parts/PageHead';
import {useSettled} from '../parts/useSettled';
import {useSession} from '../session/SessionProvider';
import {CertificateDialogs} from './CertificateDialogs';
import {CertificateTree} from './CertificateTree';
import {ImportDialog} from './ImportDialog';
import type {CertificateDialog} from './useCertificateActions';
import {useFound, useTree} from './useTree';

export function CertificatesPage() {
	const {t, tn} = useI18n();
	const {may} = useSession();
	const navigate = useNavigate();
	const [query, setQuery] = useState('');
	const [dialog, setDialog] = useState<CertificateDialog | null>(null);
	const [isImport, setImport] = useState(false);
	const tree = useTree();
	const found = useFound(useSettled(query).trim());
	const reload = () => {
		tree.loaded.reload();
		found.loaded.reload();
	};
	const status = () => {
		if (!query.trim()) return tn('certificates.count', tree.loaded.data?.n ?? 0);
		const {n, isMore} = found.loaded.data ?? {n: 0, isMore: false};
		return found.loaded.data && tn(isMore ? 'certificates.foundFirst' : 'certificates.found', n);
	};
	const createRoot = may('ISSUE_CA') && <Button onClick={() => navigate('/certificates/new?kind=root')}>{t('certificates.createRoot')}</Button>;
	const importButton = may('ISSUE') && <Button variant="secondary" onClick={() => setImport(true)}>{t('import.open')}</Button>;

	return (
		<>
			<PageHead title={t('nav.certificates')} lead={t('certificates.lead')} actions={<>{createRoot}{importButton}</>} />
			<PageSection hasBodyWrapper={false}>
				<LoadedView loaded={tree.loaded}>
					{(whole) =>
						whole.n === 0 ? (
							<Empty title={t('certificates.emptyTitle')} icon={CertificateIcon} actions={<>{createRoot}{importButton}</>}>{t('certificates.empty')}</Empty>
						) : (
							<>
								<Toolbar>
									<ToolbarContent>
										<ToolbarItem className="gw-search">
											<SearchInput aria-label={t('certificates.search')} placeholder={t('certificates.search')} value={query} onChange={(_event, value) => setQuery(value)} onClear={() => setQuery('')} />
										</ToolbarItem>
										<ToolbarItem alignSelf="center"><span role="status">{status()}</span></ToolbarItem>
									</ToolbarContent>
								</Toolbar>
								{query.trim() ? (
									<LoadedView loaded={found.loaded}>
										{(shown) => <CertificateTree rows={shown.rows} onMore={found.more} onDialog={setDialog} />}
									</LoadedView>
								) : (
									<CertificateTree rows={whole.rows} onToggle={tree.toggle} onMore={tree.more} onDialog={setDialog} />
								)}
							</>
						)
					}
				</LoadedView>
			</PageSection>
			<CertificateDialogs dialog={dialog} onClose={() => setDialog(null)} onChanged={reload} />
			{isImport && <ImportDialog onClose={() => setImport(false)} onImported={reload} />}
		</>
	);
}
