import {EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter} from '@patternfly/react-core';
import type {ComponentType, ReactNode} from 'react';

interface EmptyProps {
	title: string;
	icon: ComponentType;
	children: ReactNode;
	actions?: ReactNode;
}

/** Nothing here yet, and what to do first. */
export function Empty({title, icon, children, actions}: EmptyProps) {
	return (
		<EmptyState titleText={title} headingLevel="h2" icon={icon}>
			<EmptyStateBody>{children}</EmptyStateBody>
			{actions && <EmptyStateFooter><EmptyStateActions>{actions}</EmptyStateActions></EmptyStateFooter>}
		</EmptyState>
	);
}
