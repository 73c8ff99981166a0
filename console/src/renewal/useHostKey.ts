import {lookAtHostKey} from '../api/gateways';
import type {HostKey} from '../api/types';
import {useLoad, type Loaded} from '../parts/useLoad';
import {usePause} from './usePause';
import {isPort} from './sshForm';

const PAUSE_MS = 600;

/** The key that the host shows right now, looked at once host and port are typed. */
export function useHostKey(gateway: string, host: string, port: string): Loaded<HostKey> {
	const place = usePause(host.trim() && isPort(port) ? `${host.trim()} ${port}` : '', PAUSE_MS);
	return useLoad<HostKey>(
		() => {
			const [name, number] = place.split(' ');
			return place ? lookAtHostKey(gateway, {host: name, port: Number(number)}) : new Promise<HostKey>(() => undefined);
		},
		[gateway, place],
	);
}
