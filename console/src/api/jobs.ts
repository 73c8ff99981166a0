import {call, callForText, quoted, type Page} from './client';
import {readEvents, type ServerEvent} from './events';
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
	/** Whether the stream is away; it is taken up again by itself. */
	onLost(isLost: boolean): void;
}

/**
 * Follows a job until it is done. A stream that breaks (the server was away, the session ended) is taken up again behind the
 * last event that came. Returns what ends it.
 */
export function followJob(id: number, follower: JobFollower): () => void {
	const abort = new AbortController();
	let timer = 0;
	let last = '';

	const end = () => {
		abort.abort();
		window.clearTimeout(timer);
	};
	const take = ({id: number, name, data}: ServerEvent) => {
		if (abort.signal.aborted) return;
		if (number) last = number;
		if (name === 'step') follower.onStep(JSON.parse(data) as JobStep);
		if (name !== 'job') return;
		const job = JSON.parse(data) as Job;
		if (job.done) end();
		follower.onJob(job);
	};
	const again = () => {
		if (abort.signal.aborted) return;
		follower.onLost(true);
		timer = window.setTimeout(read, RETRY_MS);
	};
	const read = () => void readEvents(`jobs/${id}/events`, last, abort.signal, () => follower.onLost(false), take).then(again, again);
	read();
	return end;
}
