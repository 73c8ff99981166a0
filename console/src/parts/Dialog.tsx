import {Button, Form, Modal, ModalBody, ModalFooter, ModalHeader} from '@patternfly/react-core';
import {useId, type ReactNode} from 'react';
import {useI18n} from '../i18n';
import {ProblemAlert} from './ProblemAlert';
import type {Action} from './useAction';

interface DialogProps {
	title: string;
	description?: string;
	submit: string;
	isDanger?: boolean;
	isDisabled?: boolean;
	size?: 'small' | 'medium' | 'large';
	action: Action<[]>;
	children?: ReactNode;
	onClose: () => void;
	/** Repeats the call where another word than "retry" fits. */
	onRetry?: () => void;
	/** Reads anew what somebody else has changed meanwhile. */
	onReload?: () => void;
}

/** A question with one answer that does something; an error stays in the dialog. */
export function Dialog({title, description, submit, isDanger, isDisabled, size = 'small', action, children, onClose, onRetry, onReload}: DialogProps) {
	const {t} = useI18n();
	const id = useId();
	return (
		<Modal isOpen variant={size} onClose={onClose} aria-labelledby={`${id}-title`}>
			<ModalHeader title={title} description={description} labelId={`${id}-title`} titleIconVariant={isDanger ? 'warning' : undefined} />
			<ModalBody tabIndex={0}>
				<Form
					id={`${id}-form`}
					onSubmit={(event) => {
						event.preventDefault();
						if (!isDisabled && !action.busy) void action.run();
					}}
				>
					<ProblemAlert error={action.error} onRetry={onRetry} onReload={onReload} />
					{children}
				</Form>
			</ModalBody>
			<ModalFooter>
				<Button type="submit" form={`${id}-form`} variant={isDanger ? 'danger' : 'primary'} isLoading={action.busy} isDisabled={isDisabled || action.busy}>
					{submit}
				</Button>
				<Button variant="link" onClick={onClose}>{t('common.cancel')}</Button>
			</ModalFooter>
		</Modal>
	);
}
