import {Alert, AlertActionCloseButton, AlertGroup} from '@patternfly/react-core';
import {createContext, useCallback, useContext, useState, type ReactNode} from 'react';

type Variant = 'success' | 'info' | 'danger';
type Say = (text: string, variant?: Variant) => void;

const Context = createContext<Say>(() => undefined);
const SHOWN_MS = 8000;
let nextKey = 1;

/** Short news at the edge of the page; read out, gone by themselves. */
export function ToastProvider({children}: {children: ReactNode}) {
	const [toasts, setToasts] = useState<{key: number; text: string; variant: Variant}[]>([]);
	const remove = useCallback((key: number) => setToasts((old) => old.filter((toast) => toast.key !== key)), []);
	const say = useCallback<Say>((text, variant = 'success') => setToasts((old) => [...old, {key: nextKey++, text, variant}]), []);
	return (
		<Context.Provider value={say}>
			{children}
			<AlertGroup isToast isLiveRegion>
				{toasts.map((toast) => (
					<Alert
						key={toast.key}
						variant={toast.variant}
						title={toast.text}
						timeout={SHOWN_MS}
						onTimeout={() => remove(toast.key)}
						actionClose={<AlertActionCloseButton title={toast.text} onClose={() => remove(toast.key)} />}
					/>
				))}
			</AlertGroup>
		</Context.Provider>
	);
}

export const useToast = () => useContext(Context);
