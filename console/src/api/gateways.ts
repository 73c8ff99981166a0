import {call, every, first, ifUnchanged, quoted} from './client';
import {createOnce} from './once';
import type {Candidates, Gateway, GatewayBody, HostKey, Job, Keystore, Plan, Probe, ProbeRecord, SshLogin, Target, UpdateBody} from './types';

const path = (name: string, rest = '') => `gateways/${quoted(name)}${rest}`;

export const listTargets = (signal?: AbortSignal) => every<Target>('targets', signal);
/** By name; `q`: those whose names begin so. */
export const listGateways = ({q}: {q?: string}, n: number, signal?: AbortSignal) => first<Gateway>(`gateways${q ? `?q=${quoted(q)}` : ''}`, n, signal);
export const getGateway = (name: string, signal?: AbortSignal) => call<Gateway>('GET', path(name), undefined, {signal});
export const createGateway = (body: GatewayBody) => createOnce<Gateway>('gateways', body);
export const changeGateway = (seen: Gateway, body: GatewayBody) => call<Gateway>('PATCH', path(seen.name), body, ifUnchanged(seen));
export const deleteGateway = (seen: Gateway) => call<void>('DELETE', path(seen.name), {}, ifUnchanged(seen));
export const getCandidates = (name: string, signal?: AbortSignal) => call<Candidates>('GET', path(name, '/candidates'), undefined, {signal});
export const probeGateway = (name: string) => call<{probes: Probe[]; certificate: number | null; agree: boolean}>('POST', path(name, '/probe'));
export const lookAtHostKey = (name: string, ssh: {host: string; port: number}) => call<HostKey>('POST', path(name, '/host-key'), {ssh});
export const pinHostKey = (name: string, accept: string) => call<HostKey>('POST', path(name, '/host-key'), {accept});
export const updateKeystore = (name: string, body: UpdateBody) => createOnce<Job>(path(name, '/keystore-updates'), body);
export const planUpdate = (name: string, body: Omit<UpdateBody, 'ssh'> & {ssh: Omit<SshLogin, 'auth'>}, signal?: AbortSignal) =>
	call<Plan>('POST', path(name, '/keystore-updates'), {...body, dry_run: true}, {signal});
export const rollBack = (name: string, body: UpdateBody) => createOnce<Job>(path(name, '/rollback'), body);
export const listKeystores = (name: string, signal?: AbortSignal) => every<Keystore>(path(name, '/keystores'), signal);
export const listProbes = (name: string, signal?: AbortSignal) =>
	call<{items: ProbeRecord[]}>('GET', path(name, '/probes?limit=20'), undefined, {signal}).then((page) => page.items);
