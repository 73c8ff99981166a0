import {createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode} from 'react';
import {onSessionEnd} from '../api/client';
import {Problem} from '../api/problem';
import {getSession, logOut, logOutEverywhere} from '../api/session';
import type {Permission, Session} from '../api/types';
import {ProblemAlert} from '../parts/ProblemAlert';
import {LoginDialog} from './LoginDialog';
import {LoginPage} from './LoginPage';
import {PasswordPage} from './PasswordPage';

interface SessionValue {
	session: Session;
	may(permission: Permission): boolean;
	refresh(): Promise<void>;
	signOut(everywhere: boolean): Promise<void>;
}

const Context = createContext<SessionValue | null>(null);

/**
 * Nothing of the console is there without a session. One that ends in the middle leaves the page as it is, below a dialog;
 * every call that waits for it goes on after the log-in.
 */
export function SessionProvider({children}: {children: ReactNode}) {
	const [session, setSession] = useState<Session | null>(null);
	const [isAnonymous, setAnonymous] = useState(false);
	const [error, setError] = useState<unknown>(null);
	const [isExpired, setExpired] = useState(false);
	const waiting = useRef<(() => void)[]>([]);

	const refresh = useCallback(async () => {
		try {
			setSession(await getSession());
			setAnonymous(false);
			setError(null);
		} catch (reason) {
			if (reason instanceof Problem && reason.status === 401) setAnonymous(true);
			else setError(reason);
		}
	}, []);

	useEffect(() => void refresh(), [refresh]);

	useEffect(() => {
		onSessionEnd(() => {
			setExpired(true);
			return new Promise((resolve) => waiting.current.push(resolve));
		});
		return () => onSessionEnd(null);
	}, []);

	const welcomeBack = useCallback((fresh: Session) => {
		setSession(fresh);
		setExpired(false);
		waiting.current.splice(0).forEach((go) => go());
	}, []);

	const signOut = useCallback(async (everywhere: boolean) => {
		await (everywhere ? logOutEverywhere() : logOut());
		window.location.assign('/');
	}, []);

	const value = useMemo<SessionValue | null>(
		() => session && {session, refresh, signOut, may: (permission) => session.permissions.includes(permission)},
		[session, refresh, signOut],
	);

	if (error && !value) return <main className="gw-alone"><ProblemAlert error={error} onRetry={() => void refresh()} /></main>;
	if (isAnonymous && !value) return <LoginPage onLogin={(fresh) => setSession(fresh)} />;
	if (!value) return null;
	if (value.session.must_change_password) return <PasswordPage user={value.session.user} onChanged={refresh} />;
	return (
		<Context.Provider value={value}>
			{children}
			{isExpired && <LoginDialog user={value.session.user} onLogin={welcomeBack} />}
		</Context.Provider>
	);
}

export function useSession(): SessionValue {
	const value = useContext(Context);
	if (!value) throw new Error('useSession outside of SessionProvider');
	return value;
}
