/** A SHA-256 fingerprint in four groups of sixteen digits, as devices show it. */
export function Fingerprint({hex}: {hex: string}) {
	const groups = hex.match(/.{1,16}/g) ?? [];
	return (
		<code className="gw-fingerprint">
			{groups.map((group) => (
				<span key={group}>{group} </span>
			))}
		</code>
	);
}
