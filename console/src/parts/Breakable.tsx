import {Fragment} from 'react';

/** A long name that may go on in the next line behind a comma or a dot: CN=a,O=b or gateway.example.com. */
export function Breakable({text}: {text: string}) {
	return (
		<>
			{text.split(/(?<=[,.])(?=\S)/).map((part, i) => (
				<Fragment key={i}>{i > 0 && <wbr />}{part}</Fragment>
			))}
		</>
	);
}
