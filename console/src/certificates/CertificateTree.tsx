import {Button, Spinner} from '@patternfly/react-core';
import ClusterIcon from '@patternfly/react-icons/dist/esm/icons/cluster-icon';
import CertificateIcon from '@patternfly/react-icons/dist/esm/icons/certificate-icon';
import SitemapIcon from '@patternfly/react-icons/dist/esm/icons/sitemap-icon';
import {Table, Tbody, Td, Th, Thead, Tr} from '@patternfly/react-table';
import {Fragment, useState} from 'react';
import {Link} from 'react-router-dom';
import type {Certificate} from '../api/types';
import {useI18n} from '../i18n';
import {ActionMenu} from '../parts/ActionMenu';
import {Breakable} from '../parts/Breakable';
import {DaysLeft, StatusLabel, UsedLabels} from '../parts/Labels';
import type {CertificateRow, MoreRow, TreeRow} from './treeRows';
import {useCertificateActions, type CertificateDialog} from './useCertificateActions';

const COLUMNS = 7;
const LEVELS = 6;
const ICONS = {root: ClusterIcon, intermediate: SitemapIcon, 'end-entity': CertificateIcon};

interface CertificateTreeProps {
	rows: TreeRow[];
	/** Absent: everything stays open. */
	onToggle?: (certificate: Certificate) => void;
	onMore: (branch: number) => void;
	onDialog: (dialog: CertificateDialog) => void;
}

export function CertificateTree({rows, onToggle, onMore, onDialog}: CertificateTreeProps) {
	const {t} = useI18n();
	return (
		<Table isTreeTable variant="compact" aria-label={t('certificates.tree')} className="gw-tree">
			<Thead>
				<Tr>
					<Th width={25}>{t('certificates.name')}</Th>
					<Th width={15}>{t('certificates.subject')}</Th>
					<Th width={25}>{t('certificates.names')}</Th>
					<Th modifier="nowrap">{t('certificates.expires')}</Th>
					<Th modifier="nowrap">{t('certificates.status')}</Th>
					<Th>{t('certificates.used')}</Th>
					<Th screenReaderText={t('common.actions')} />
				</Tr>
			</Thead>
			<Tbody>
				{rows.map((row, i) =>
					'moreOf' in row ? (
						<More key={`more-${row.moreOf}`} row={row} onMore={onMore} />
					) : (
						<Row key={row.certificate.id} row={row} index={i} onToggle={onToggle} onDialog={onDialog} />
					),
				)}
			</Tbody>
		</Table>
	);
}

/** What of a branch is not there yet. */
function More({row, onMore}: {row: MoreRow; onMore: (branch: number) => void}) {
	const {t, tn} = useI18n();
	return (
		<Tr aria-level={row.level} aria-posinset={row.position} aria-setsize={row.siblings}>
			<Td colSpan={COLUMNS} className={`gw-more gw-level-${Math.min(row.level, LEVELS)}`}>
				{row.isLoading ? (
					<Spinner size="md" aria-label={t('common.loading')} />
				) : (
					<Button variant="link" isInline onClick={() => onMore(row.moreOf)}>{row.left === null ? t('certificates.more') : tn('certificates.moreOf', row.left)}</Button>
				)}
			</Td>
		</Tr>
	);
}

interface RowProps extends Omit<CertificateTreeProps, 'rows' | 'onMore'> {
	row: CertificateRow;
	index: number;
}

function Row({row, index, onToggle, onDialog}: RowProps) {
	const {t, date} = useI18n();
	const [isMenuOpen, setMenuOpen] = useState(false);
	const [isDetailed, setDetailed] = useState(false);
	const {certificate} = row;
	const Icon = ICONS[certificate.kind];
	const props = {
		isExpanded: row.isExpanded,
		isDetailsExpanded: isDetailed,
		'aria-level': row.level,
		'aria-posinset': row.position,
		'aria-setsize': row.hasChildren ? 1 : 0, // only says whether there is something to open
		icon: <Icon title={t(`kind.${certificate.kind}`)} />,
		toggleAriaLabel: t('certificates.toggle', {name: certificate.display_name}),
		showDetailsAriaLabel: t('certificates.details', {name: certificate.display_name}),
	};
	return (
		<Tr
			aria-level={row.level}
			aria-posinset={row.position}
			aria-setsize={row.siblings}
			aria-expanded={row.hasChildren ? row.isExpanded : undefined}
			className={[row.isExpanded && 'pf-m-expanded', isDetailed && 'pf-m-tree-view-details-expanded'].filter(Boolean).join(' ')}
			onContextMenu={(event) => {
				event.preventDefault();
				setMenuOpen(true);
			}}
		>
			<Td dataLabel={t('certificates.name')} treeRow={{rowIndex: index, props, onCollapse: () => onToggle?.(certificate), onToggleRowDetails: () => setDetailed(!isDetailed)}}>
				<Link to={`/certificates/${certificate.id}`}>{certificate.display_name}</Link>
			</Td>
			<Td dataLabel={t('certificates.subject')} modifier="breakWord"><span className="gw-subtle"><Breakable text={certificate.subject} /></span></Td>
			<Td dataLabel={t('certificates.names')} modifier="breakWord"><Names names={certificate.names} /></Td>
			<Td dataLabel={t('certificates.expires')} modifier="nowrap">
				<span>
					{date(certificate.not_after)}
					<br />
					<DaysLeft days={certificate.days_left} />
				</span>
			</Td>
			<Td dataLabel={t('certificates.status')}><StatusLabel certificate={certificate} /></Td>
			<Td dataLabel={t('certificates.used')}>{certificate.kind === 'end-entity' ? <UsedLabels uses={certificate.used_by} /> : '–'}</Td>
			<Td isActionCell><RowMenu certificate={certificate} isOpen={isMenuOpen} onOpenChange={setMenuOpen} onDialog={onDialog} /></Td>
		</Tr>
	);
}

/** Each in one line where it fits, so that an address is read whole. */
function Names({names}: {names: string[]}) {
	if (names.length === 0) return <>–</>;
	return <span>{names.map((name, i) => <Fragment key={name}><span className="gw-whole"><Breakable text={i < names.length - 1 ? `${name},` : name} /></span>{' '}</Fragment>)}</span>;
}

interface RowMenuProps {
	certificate: Certificate;
	isOpen: boolean;
	onOpenChange: (open: boolean) => void;
	onDialog: (dialog: CertificateDialog) => void;
}

function RowMenu({certificate, isOpen, onOpenChange, onDialog}: RowMenuProps) {
	const {t} = useI18n();
	const actions = useCertificateActions(certificate, onDialog);
	return <ActionMenu label={t('certificates.menu', {name: certificate.display_name})} actions={actions} isOpen={isOpen} onOpenChange={onOpenChange} />;
}
