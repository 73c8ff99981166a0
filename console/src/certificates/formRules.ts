import type {Certificate, CertificateKind, CertificateRequest, Finding} from '../api/types';
import {endOfLocalDay, localDay, yearsFrom} from '../parts/days';

/** What stands in the form, as it was typed. */
export interface CertificateForm {
	kind: CertificateKind;
	issuer: string;
	display_name: string;
	holder: string;
	organization: string;
	locality: string;
	country: string;
	names: string;
	not_after: string;
	key: string;
	path_len: string;
}

export type FormField = keyof CertificateForm;

export const KEYS = ['ec-p256', 'ec-p384', 'ed25519', 'rsa-2048', 'rsa-3072', 'rsa-4096'] as const;
const PATH_LEN_DEFAULT = -1; // a root none, an intermediate 0
const YEARS: Record<CertificateKind, number> = {root: 10, intermediate: 5, 'end-entity': 1};

/** The default day: so many years on, never later than the issuer's last day. */
export function defaultDay(kind: CertificateKind, issuer: Certificate | undefined, now: Date): string {
	const wanted = yearsFrom(now, YEARS[kind]);
	if (!issuer) return localDay(wanted);
	const last = new Date(issuer.not_after);
	if (wanted < last) return localDay(wanted);
	// the issuer's own last local day ends after the issuer does, unless it ends with it
	const day = localDay(last);
	return endOfLocalDay(day) <= issuer.not_after ? day : localDay(new Date(last.getTime() - 86400000));
}

/** Of those that can sign the newest; the console's own CA, which no device has pinned, only when there is no other. */
export function proposedIssuer(found: Certificate[], ownOfConsole: Certificate | undefined): Certificate | undefined {
	const able = found.filter((c) => c.has_key && c.status === 'valid').sort((a, b) => b.id - a.id);
	return able.find((c) => !ownOfConsole?.path.includes(c.id)) ?? able[0];
}

export function emptyForm(kind: CertificateKind, issuer: Certificate | undefined, now: Date): CertificateForm {
	return {
		kind,
		issuer: issuer ? String(issuer.id) : '',
		display_name: '',
		holder: '',
		organization: issuer?.organization ?? '',
		locality: issuer?.locality ?? '',
		country: issuer?.country ?? '',
		names: '',
		not_after: defaultDay(kind, issuer, now),
		key: KEYS[0],
		path_len: '',
	};
}

/** The form of a successor: everything of its predecessor, the date anew. */
export function renewalForm(prefill: CertificateRequest, issuer: Certificate | undefined, now: Date): CertificateForm {
	return {
		kind: prefill.kind,
		issuer: prefill.issuer ? String(prefill.issuer) : '',
		display_name: prefill.display_name,
		holder: prefill.holder ?? '',
		organization: prefill.organization ?? '',
		locality: prefill.locality ?? '',
		country: prefill.country ?? '',
		names: prefill.names ?? '',
		not_after: defaultDay(prefill.kind, prefill.kind === 'root' ? undefined : issuer, now),
		key: prefill.key ?? KEYS[0],
		path_len: (prefill.path_len ?? PATH_LEN_DEFAULT) === PATH_LEN_DEFAULT ? '' : String(prefill.path_len),
	};
}

/** The body of the call. What is empty is sent as null, so that nothing of a predecessor comes back by itself. */
export function requestOf(form: CertificateForm, prefill: CertificateRequest | null): CertificateRequest {
	const isCa = form.kind !== 'end-entity';
	return {
		kind: form.kind,
		...(form.kind === 'root' ? {} : {issuer: form.issuer ? Number(form.issuer) : null}),
		display_name: form.display_name.trim(),
		holder: form.holder.trim() || null,
		organization: form.organization.trim() || null,
		locality: form.locality.trim() || null,
		country: form.country.trim().toUpperCase() || null,
		...(isCa ? {} : {names: form.names.trim() || null}),
		...(form.not_after ? {not_after: endOfLocalDay(form.not_after)} : {}),
		key: form.key,
		...(prefill?.renews ? {renews: prefill.renews} : {}),
		...(isCa ? {path_len: form.path_len.trim() ? Number(form.path_len) : PATH_LEN_DEFAULT} : {}),
	};
}

/**
 * The findings of each field, and those of none. A field that nobody has touched yet is not blamed, unless the form was
 * sent: what is missing is known without being told at the first letter.
 */
export function findingsByField(findings: Finding[], touched: ReadonlySet<FormField>, isSent: boolean): {of(field: FormField): Finding[]; rest: Finding[]} {
	const fields: FormField[] = ['kind', 'issuer', 'display_name', 'holder', 'organization', 'locality', 'country', 'names', 'not_after', 'key', 'path_len'];
	const isField = (name: string): name is FormField => fields.includes(name as FormField);
	return {
		of: (field) => findings.filter((finding) => finding.field === field && (isSent || touched.has(field) || finding.severity !== 'blocker')),
		rest: findings.filter((finding) => !isField(finding.field) && (isSent || finding.severity !== 'blocker')),
	};
}
