import {call} from './client';
import type {Overview} from './types';

export const getOverview = (signal?: AbortSignal) => call<Overview>('GET', 'overview', undefined, {signal});
