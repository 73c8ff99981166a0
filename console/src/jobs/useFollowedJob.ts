import {useEffect, useState} from 'react';
import {followJob, getJob} from '../api/jobs';
import type {Job, JobStep} from '../api/types';

export interface FollowedJob {
	job: Job | null;
	steps: JobStep[];
	/** The connection is away; it comes back by itself. */
	isLost: boolean;
	error: unknown;
}

const NOTHING: FollowedJob = {job: null, steps: [], isLost: false, error: null};

/** Steps by their number: a step that comes again replaces what was known of it. */
export function withStep(steps: JobStep[], step: JobStep): JobStep[] {
	return [...steps.filter((old) => old.n !== step.n), step].sort((a, b) => a.n - b.n);
}

/** A job as it goes on, from now to its end. */
export function useFollowedJob(id: number | null): FollowedJob {
	const [state, setState] = useState<FollowedJob>(NOTHING);
	useEffect(() => {
		setState(NOTHING);
		if (id === null) return undefined;
		let end: (() => void) | null = null;
		let isOver = false;
		getJob(id).then(
			(job) => {
				if (isOver) return;
				setState({job, steps: job.steps ?? [], isLost: false, error: null});
				if (job.done) return;
				end = followJob(id, {
					onStep: (step) => setState((old) => ({...old, steps: withStep(old.steps, step)})),
					onJob: (next) => setState((old) => ({...old, job: next, steps: next.steps ?? old.steps})),
					onLost: (isLost) => setState((old) => ({...old, isLost})),
				});
			},
			(error: unknown) => {
				if (!isOver) setState({...NOTHING, error});
			},
		);
		return () => {
			isOver = true;
			end?.();
		};
	}, [id]);
	return state;
}
