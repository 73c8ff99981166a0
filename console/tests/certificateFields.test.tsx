import {cleanup, render, screen} from '@testing-library/react';
import {readFileSync} from 'node:fs';
import {MemoryRouter} from 'react-router-dom';
import {afterEach, expect, test, vi} from 'vitest';
import type {Certificate, CertificateKind} from '../src/api/types';
import {CertificateFormView} from '../src/certificates/CertificateFormView';
import {emptyForm} from '../src/certificates/formRules';
import {I18nProvider} from '../src/i18n';

/** What the API takes and nobody types, each with the reason. */
const NOT_TYPED: Record<string, string> = {
	dry_run: 'sent by itself as one types',
	approval: 'sent by itself when a second person has agreed',
	renews: 'from the address of the page, ?renews=',
};

/** The members of CertificateOrder in the contract. */
function members(): string[] {
	const text = readFileSync('../schema/openapi.yaml', 'utf8');
	const order = /\n    CertificateOrder:\n([\s\S]*?)\n    \w+:\n/.exec(text)?.[1] ?? '';
	return [...order.matchAll(/^        (\w+): /gm)].map((match) => match[1]);
}

async function fieldsOf(kind: CertificateKind): Promise<string[]> {
	const issuer = {id: 4, kind: 'root', display_name: 'Root', not_after: '2036-11-24T23:59:59Z'} as Certificate;
	const {container} = render(
		<MemoryRouter>
			<I18nProvider><CertificateFormView first={emptyForm(kind, issuer, new Date())} prefill={null} firstIssuer={issuer} gateway={null} /></I18nProvider>
		</MemoryRouter>,
	);
	await screen.findByLabelText(/Display name/);
	return [...container.querySelectorAll('[id^="cert-"]')].map((element) => element.id.slice('cert-'.length));
}

afterEach(() => {
	cleanup();
	vi.unstubAllGlobals();
});

test('every field that the API takes has a field in the form', async () => {
	vi.stubGlobal('fetch', () => new Promise(() => undefined));
	const shown = new Set<string>();
	for (const kind of ['root', 'intermediate', 'end-entity'] as const) {
		(await fieldsOf(kind)).forEach((field) => shown.add(field.replace(/^kind-.*/, 'kind')));
		cleanup();
	}
	expect(members().length).toBeGreaterThan(10);
	expect(members().filter((name) => !shown.has(name)).sort()).toEqual(Object.keys(NOT_TYPED).sort());
});
