import {PageSection} from '@patternfly/react-core';
import {Component, type ReactNode} from 'react';
import {ProblemAlert} from '../parts/ProblemAlert';

/** A page that cannot be shown leaves the others alone; after an update of the server its files are new, so a reload helps. */
export class ErrorFence extends Component<{children: ReactNode}, {error: unknown}> {
	override state = {error: null as unknown};

	static getDerivedStateFromError(error: unknown) {
		return {error};
	}

	override render() {
		if (!this.state.error) return this.props.children;
		return <PageSection hasBodyWrapper={false}><ProblemAlert error={this.state.error} onRetry={() => window.location.reload()} /></PageSection>;
	}
}
