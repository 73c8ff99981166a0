import {call, every, quoted} from './client';
import type {Candidates, Gateway, GatewayBody, HostKey, Job, Keystore, Probe, ProbeRecord, Target, UpdateBody} from './types';

const path = (name: string, rest = '') => `gateways/${quoted(name)}${rest}`;

export const listTargets = (signal?: AbortSignal) => every<Target>('targets', signal);
export const listGateways = (signal?: AbortSignal) => every<Gateway>('gateways', signal);
export const getGateway = (name: string, signal?: AbortSignal) => call<Gateway>('GET', path(name), undefined, {signal});
export const createGateway = (body: GatewayBody) => call<Gateway>('POST', 'gateways', body);
export const changeGateway = (name: string, body: GatewayBody) => call<Gateway>('PATCH', path(name), body);
export const deleteGateway = (name: string) => call<void>('DELETE', path(name));
export const getCandidates = (name: string, signal?: AbortSignal) => call<Candidates>('GET', path(name, '/candidates'), undefined, {signal});
export const probeGateway = (name: string) => call<{probes: Probe[]; certificate: number | null; agree: boolean}>('POST', path(name, '/probe'));
export const lookAtHostKey = (name: string, ssh: {host: string; port: number}) => call<HostKey>('POST', path(name, '/host-key'), {ssh});
export const pinHostKey = (name: string, accept: string) => call<HostKey>('POST', path(name, '/host-key'), {accept});
export const updateKeystore = (name: string, body: UpdateBody) => call<Job>('POST', path(name, '/keystore-updates'), body);
export const rollBack = (name: string, body: UpdateBody) => call<Job>('POST', path(name, '/rollback'), body);
export const listKeystores = (name: string, signal?: AbortSignal) => every<Keystore>(path(name, '/keystores'), signal);
export const listProbes = (name: string, signal?: AbortSignal) =>
	call<{items: ProbeRecord[]}>('GET', path(name, '/probes?limit=20'), undefined, {signal}).then((page) => page.items);
