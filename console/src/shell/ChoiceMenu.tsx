import {MenuToggle, Select, SelectList, SelectOption} from '@patternfly/react-core';
import {useState, type ReactNode} from 'react';

interface ChoiceMenuProps<V extends string> {
	label: string;
	icon: ReactNode;
	value: V;
	options: [V, string][];
	onChoose: (value: V) => void;
}

/** A button of the masthead that opens a choice of a few. */
export function ChoiceMenu<V extends string>({label, icon, value, options, onChoose}: ChoiceMenuProps<V>) {
	const [isOpen, setOpen] = useState(false);
	return (
		<Select
			isOpen={isOpen}
			selected={value}
			onOpenChange={setOpen}
			onSelect={(_event, chosen) => {
				onChoose(chosen as V);
				setOpen(false);
			}}
			popperProps={{position: 'right'}}
			shouldFocusToggleOnSelect
			toggle={(ref) => <MenuToggle ref={ref} variant="plain" aria-label={label} isExpanded={isOpen} onClick={() => setOpen(!isOpen)} icon={icon} />}
		>
			<SelectList aria-label={label}>
				{options.map(([key, text]) => (
					<SelectOption key={key} value={key}>{text}</SelectOption>
				))}
			</SelectList>
		</Select>
	);
}
