/** The mark, a gateway with a keyhole, and the name. */
export function Logo() {
	return (
		<span className="gw-logo">
			<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
				<rect width="32" height="32" rx="7" className="gw-logo-ground" />
				<path d="M8 26V14a8 8 0 0 1 16 0v12h-4V14a4 4 0 0 0-8 0v12z" fill="#fff" />
				<circle cx="16" cy="21" r="2.5" fill="#fff" />
			</svg>
			<span>Gatewright</span>
		</span>
	);
}
