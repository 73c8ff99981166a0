import {Alert, Button, Form, Grid, GridItem, PageSection} from '@patternfly/react-core';
import {useState} from 'react';
import {exportAudit, listAudit, verifyAudit} from '../api/audit';
import type {AuditVerification} from '../api/types';
import {useI18n} from '../i18n';
import {download} from '../parts/download';
import {Field} from '../parts/Field';
import {LoadedView} from '../parts/LoadedView';
import {PageHead} from '../parts/PageHead';
import {ProblemAlert} from '../parts/ProblemAlert';
import {SelectField} from '../parts/SelectField';
import {useAction} from '../parts/useAction';
import {useLoad} from '../parts/useLoad';
import {useSettled} from '../parts/useSettled';
import {AuditTable} from './AuditTable';
import {actionKey, ACTIONS, filterOf, NO_FILTER} from './filter';

/** Who did what and when; nothing in it can be changed unseen. */
export function AuditPage() {
	const {t} = useI18n();
	const [form, setForm] = useState(NO_FILTER);
	const [cursors, setCursors] = useState<string[]>([]);
	const cursor = cursors[cursors.length - 1] ?? null;
	const [verified, setVerified] = useState<AuditVerification | null>(null);
	const [actor, object] = [useSettled(form.actor), useSettled(form.object)];
	const filter = filterOf({...form, actor, object});
	const loaded = useLoad((signal) => listAudit(filter, cursor, signal), [JSON.stringify(filter), cursor]);
	const verify = useAction(async () => setVerified(await verifyAudit()));
	const save = useAction(async () => download('gatewright-audit.jsonl', await exportAudit(), 'application/jsonl'));
	const set = (field: keyof typeof NO_FILTER) => (value: string) => {
		setForm((old) => ({...old, [field]: value}));
		setCursors([]);
	};
	const actions = (
		<>
			<Button isLoading={verify.busy} isDisabled={verify.busy} onClick={() => void verify.run()}>{t('audit.verify')}</Button>
			<Button variant="secondary" isLoading={save.busy} isDisabled={save.busy} onClick={() => void save.run()}>{t('audit.export')}</Button>
		</>
	);
	return (
		<>
			<PageHead title={t('nav.audit')} lead={t('audit.lead')} actions={actions} />
			<PageSection hasBodyWrapper={false}>
				<ProblemAlert error={verify.error ?? save.error} />
				{verified && <Verified result={verified} />}
				<Form role="search" aria-label={t('audit.filter')} onSubmit={(event) => event.preventDefault()}>
					<Grid hasGutter>
						<GridItem sm={6} lg={2}><Field id="audit-actor" label={t('audit.actor')} help={t('audit.actorHelp')} value={form.actor} onChange={set('actor')} /></GridItem>
						<GridItem sm={6} lg={2}>
							<SelectField id="audit-action" label={t('audit.action')} value={form.action} onChange={set('action')} options={[['', t('common.all')], ...ACTIONS.map((one): [string, string] => [one, t(actionKey(one) ?? 'common.all')])]} />
						</GridItem>
						<GridItem sm={6} lg={2}><Field id="audit-object" label={t('audit.object')} help={t('audit.objectHelp')} value={form.object} onChange={set('object')} /></GridItem>
						<GridItem sm={6} lg={2}>
							<SelectField id="audit-outcome" label={t('audit.outcome')} value={form.outcome} onChange={set('outcome')} options={[['', t('common.all')], ...(['done', 'refused', 'failed'] as const).map((one): [string, string] => [one, t(`auditOutcome.${one}`)])]} />
						</GridItem>
						<GridItem sm={6} lg={2}><Field id="audit-after" type="date" label={t('audit.after')} value={form.after} onChange={set('after')} /></GridItem>
						<GridItem sm={6} lg={2}><Field id="audit-before" type="date" label={t('audit.before')} value={form.before} onChange={set('before')} /></GridItem>
					</Grid>
				</Form>
				<LoadedView loaded={loaded}>
					{({items, next}) => (
						<>
							{items.length === 0 ? <p className="gw-subtle gw-gap-above">{t('audit.empty')}</p> : <AuditTable events={items} />}
							{cursors.length > 0 && <Button variant="link" onClick={() => setCursors(cursors.slice(0, -1))}>{t('common.newer')}</Button>}
							{next && <Button variant="link" onClick={() => setCursors([...cursors, next])}>{t('common.older')}</Button>}
						</>
					)}
				</LoadedView>
			</PageSection>
		</>
	);
}

function Verified({result}: {result: AuditVerification}) {
	const {t, number} = useI18n();
	return (
		<Alert isInline component="p" variant={result.ok ? 'success' : 'danger'} title={t(result.ok ? 'audit.good' : 'audit.bad')} role="status">
			<p>{t('audit.counts', {events: number(result.events), heads: number(result.heads), unsigned: number(result.unsigned)})}</p>
			{result.problems.map((problem, i) => <p key={i}>{t('audit.problem', {n: problem.n, what: problem.what})}</p>)}
		</Alert>
	);
}
