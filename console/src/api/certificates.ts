import {call, every, ifUnchanged} from './client';
import {createOnce} from './once';
import type {Certificate, CertificateRequest, CertificateWhole, Comparison, Finding} from './types';

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

export const listCertificates = (signal?: AbortSignal) => every<Certificate>('certificates?order=tree', signal);
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
