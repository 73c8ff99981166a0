import {encode} from 'uqr';

const QUIET = 4; // modules of margin that readers want (ISO/IEC 18004)

/** A QR code, dark on light in either theme: a camera reads no other. */
export function QrCode({text, label}: {text: string; label: string}) {
	const {data, size} = encode(text, {border: QUIET});
	const path = data.map((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')).join('')).join('');
	return (
		<svg className="gw-qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
			<rect width={size} height={size} fill="#fff" />
			<path d={path} fill="#000" />
		</svg>
	);
}
