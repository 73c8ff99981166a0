import {call, callForText, quoted, type Page} from './client';
import type {Job, JobStep} from './types';

const RETRY_MS = 1500;

export const listJobs = (query: {gateway?: string; state?: string; cursor?: string}, signal?: AbortSignal) => {
	const words = Object.entries(query).filter(([, value]) => value).map(([key, value]) => `${key}=${quoted(value as string)}`);
	return call<Page<Job>>('GET', `jobs?${['limit=50', ...words].join('&')}`, undefined, {signal});
};
export const getJob = (id: number, signal?: AbortSignal) => call<Job>('GET', `jobs/${id}`, undefined, {signal});
export const cancelJob = (id: number) => call<Job>('POST', `jobs/${id}/cancel`);
export const getProof = (id: number) => callForText('GET', `jobs/${id}/proof`);

export interface JobFollower {
	onStep(step: JobStep): void;
	onJob(job: Job): void;
	/** The stream is away; it is taken up again by itself. */
	onLost(): void;
}

/**
 * Follows a job until it is done. The browser resumes a broken stream with Last-Event-ID by itself; when it gave up (the
 * server was away, the session ended) the job is asked for, which logs in again where needed, and a new stream begins.
 * Returns what ends it.
 */
export function followJob(id: number, follower: JobFollower): () => void {
	let source: EventSource | null = null;
	let timer = 0;
	let ended = false;

	const end = () => {
		ended = true;
		source?.close();
		window.clearTimeout(timer);
	};
	const takeJob = (job: Job) => {
		if (ended) return;
		if (job.done) end();
		follower.onJob(job);
	};
	const open = () => {
		source = new EventSource(`/api/v1/jobs/${id}/events`);
		source.addEventListener('step', (event) => follower.onStep(JSON.parse((event as MessageEvent<string>).data) as JobStep));
		source.addEventListener('job', (event) => takeJob(JSON.parse((event as MessageEvent<string>).data) as Job));
		source.onerror = () => {
			if (ended) return;
			follower.onLost();
			if (source?.readyState === EventSource.CLOSED) timer = window.setTimeout(again, RETRY_MS);
		};
	};
	const again = () => {
		getJob(id).then(
			(job) => {
				takeJob(job);
				if (!ended) open();
			},
			() => {
				if (!ended) timer = window.setTimeout(again, RETRY_MS);
			},
		);
	};
	open();
	return end;
}
