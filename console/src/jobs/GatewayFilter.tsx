import {TextInput, FormGroup} from '@patternfly/react-core';
import {useEffect, useState} from 'react';
import {listGateways} from '../api/gateways';
import {useI18n} from '../i18n';
import {SelectField} from '../parts/SelectField';
import {useLoad} from '../parts/useLoad';
import {useSettled} from '../parts/useSettled';

const CHOICES = 100;
const ID = 'jobs-gateway';

/** One gateway or all: chosen from a list, or typed when there are many. */
export function GatewayFilter({value, onChange}: {value: string; onChange: (name: string) => void}) {
	const {t} = useI18n();
	const [typed, setTyped] = useState(value);
	const q = useSettled(typed).trim();
	const loaded = useLoad((signal) => listGateways({q}, CHOICES, signal), [q]);
	const names = (loaded.data?.items ?? []).map((gateway) => gateway.name);
	const isMany = typed !== '' || (loaded.data?.next ?? null) !== null;
	const found = names.includes(q) ? q : '';
	useEffect(() => {
		if (isMany && loaded.data && found !== value) onChange(found);
	}, [isMany, loaded.data, found]);
	if (!isMany) return <SelectField id={ID} label={t('jobs.gateway')} value={value} onChange={onChange} options={[['', t('common.all')], ...names.map((name): [string, string] => [name, name])]} />;
	return (
		<FormGroup label={t('jobs.gateway')} fieldId={ID}>
			<TextInput id={ID} type="search" value={typed} placeholder={t('common.all')} list={`${ID}-names`} autoComplete="off" onChange={(_event, next) => setTyped(next)} />
			<datalist id={`${ID}-names`}>
				{names.map((name) => (
					<option key={name} value={name} />
				))}
			</datalist>
		</FormGroup>
	);
}
