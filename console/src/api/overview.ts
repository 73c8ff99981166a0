import {call} from './client';
import type {Overview} from './types';

export const getOverview = (limit: number, signal?: AbortSignal) => call<Overview>('GET', `overview?limit=${limit}`, undefined, {signal});
export const getCounts = (signal?: AbortSignal) => getOverview(1, signal).then((overview) => overview.counts);
