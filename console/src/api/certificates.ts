import {call, first, ifUnchanged, quoted, type Page} from './client';
import {createOnce} from './once';
import type {Certificate, CertificateKind, CertificateRequest, CertificateWhole, Comparison, Finding} from './types';

export type ExportFormat = 'pem' | 'chain' | 'keystore';

export interface Exported {
	format: ExportFormat;
	file_name: string;
	data: string;
}

export interface ImportAnswer {
	imported: Certificate[];
	/** How many the file has for us; a look into it says only that. */
	would_import: number;
	skipped: {fingerprint: string; reason: string}[];
	notes: Finding[];
}

const IDS_MAX = 100;

export interface CertificateFilter {
	q?: string;
	kind?: CertificateKind;
}

/** The tree from its beginning. */
export const listTree = (n: number, signal?: AbortSignal) => first<Certificate>('certificates?order=tree', n, signal);
/** What one certificate has issued; 'none': what stands at the top. */
export const listBranch = (issuer: number | 'none', n: number, signal?: AbortSignal) => first<Certificate>(`certificates?issuer=${issuer}`, n, signal);
export const searchCertificates = ({q, kind}: CertificateFilter, n: number, signal?: AbortSignal): Promise<Page<Certificate>> =>
	first<Certificate>(`certificates?${[q && `q=${quoted(q)}`, kind && `kind=${kind}`].filter(Boolean).join('&')}`, n, signal);
/** Certificates by their numbers; those that are not there any more are left out. */
export async function getCertificates(ids: number[], signal?: AbortSignal): Promise<Certificate[]> {
	const slices = Array.from({length: Math.ceil(ids.length / IDS_MAX)}, (_, i) => ids.slice(i * IDS_MAX, (i + 1) * IDS_MAX));
	const pages = await Promise.all(slices.map((slice) => call<Page<Certificate>>('GET', `certificates?ids=${slice.join(',')}`, undefined, {signal})));
	return pages.flatMap((page) => page.items);
}
/** Those of what probes saw that are in the inventory and not known yet. */
export async function getServed(fingerprints: (string | null | undefined)[], known: Certificate[], signal?: AbortSignal): Promise<Certificate[]> {
	const wanted = new Set(fingerprints.filter((one) => one && !known.some((c) => c.fingerprint === one)));
	const pages = await Promise.all([...wanted].map((one) => searchCertificates({q: one ?? ''}, 1, signal)));
	return pages.flatMap((page) => page.items);
}
export const getCertificate = (id: number, signal?: AbortSignal) => call<CertificateWhole>('GET', `certificates/${id}`, undefined, {signal});
export const createCertificate = (request: CertificateRequest) => createOnce<CertificateWhole>('certificates', request);
export const checkCertificate = (request: CertificateRequest, signal?: AbortSignal) =>
	call<{notes: Finding[]}>('POST', 'certificates', {...request, dry_run: true}, {signal});
export const getRenewal = (id: number, signal?: AbortSignal) => call<CertificateRequest>('GET', `certificates/${id}/renewal`, undefined, {signal});
export const compareCertificates = (current: number, candidate: number, signal?: AbortSignal) =>
	call<Comparison>('GET', `certificates/${current}/compare/${candidate}`, undefined, {signal});
export const exportCertificate = (id: number, format: ExportFormat, passphrase?: string, approval?: number) =>
	call<Exported>('POST', `certificates/${id}/export`, {format, passphrase, approval});
export const lookIntoImport = (data: string, passphrase?: string) => call<ImportAnswer>('POST', 'certificates/import', {data, passphrase, dry_run: true});
export const importCertificates = (data: string, passphrase?: string, approval?: number) => createOnce<ImportAnswer>('certificates/import', {data, passphrase, approval});
export const revokeCertificate = (seen: Certificate) => call<Certificate>('POST', `certificates/${seen.id}/revoke`, {}, ifUnchanged(seen));
export const deleteCertificate = (seen: Certificate) => call<void>('DELETE', `certificates/${seen.id}`, {}, ifUnchanged(seen));
