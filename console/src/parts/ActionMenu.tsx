import {Dropdown, DropdownItem, DropdownList, MenuToggle} from '@patternfly/react-core';
import EllipsisVIcon from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import {useRef, useState} from 'react';

export interface MenuAction {
	key: string;
	text: string;
	onSelect: () => void;
	isDanger?: boolean;
	/** Why it cannot be done now; the item stays readable. */
	disabled?: string | null;
}

interface ActionMenuProps {
	label: string;
	actions: MenuAction[];
	/** Opened from outside, as by the context-menu key or the right mouse button. */
	isOpen?: boolean;
	onOpenChange?: (open: boolean) => void;
}

/** What can be done with one thing. */
export function ActionMenu({label, actions, isOpen, onOpenChange}: ActionMenuProps) {
	const [own, setOwn] = useState(false);
	const open = isOpen ?? own;
	const change = onOpenChange ?? setOwn;
	const box = useRef<HTMLDivElement>(null);
	// Beside the table, not in a cell of it: a cell would be as wide as the menu may be, a card would cut it off, and the
	// arrow keys would also move through the rows of a tree. Inside of main, where a screen reader looks for it.
	const beside = () => box.current?.closest('main') ?? document.body;
	const select = (action: MenuAction) => {
		// the item goes with the menu: what the action opens gives the focus back to the button
		box.current?.querySelector('button')?.focus();
		action.onSelect();
	};
	return (
		<div ref={box}>
			<Dropdown
				isOpen={open}
				onOpenChange={change}
				onSelect={() => change(false)}
				popperProps={{position: 'right', appendTo: beside}}
				shouldFocusFirstItemOnOpen
				toggle={(ref) => (
					<MenuToggle ref={ref} variant="plain" aria-label={label} isExpanded={open} onClick={() => change(!open)} icon={<EllipsisVIcon />} />
				)}
			>
				<DropdownList>
					{actions.map((action) => (
						<DropdownItem key={action.key} onClick={() => select(action)} isDanger={action.isDanger} isAriaDisabled={Boolean(action.disabled)} description={action.disabled ?? undefined}>
							{action.text}
						</DropdownItem>
					))}
				</DropdownList>
			</Dropdown>
		</div>
	);
}
