import {render} from '@testing-library/react';
import jsQR from 'jsqr';
import {expect, test} from 'vitest';
import {QrCode} from '../src/session/QrCode';

const SCALE = 3;

/** The picture as a camera sees it. */
function pixelsOf(svg: SVGElement): {data: Uint8ClampedArray; size: number} {
	const modules = Number(svg.getAttribute('viewBox')?.split(' ')[2]);
	const size = modules * SCALE;
	const data = new Uint8ClampedArray(size * size * 4).fill(255);
	for (const [, x, y] of (svg.querySelector('path')?.getAttribute('d') ?? '').matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
		for (let i = 0; i < SCALE * SCALE; i++) {
			const at = ((Number(y) * SCALE + Math.floor(i / SCALE)) * size + Number(x) * SCALE + (i % SCALE)) * 4;
			data.fill(0, at, at + 3);
		}
	}
	return {data, size};
}

test('a reader finds in the picture what went in', () => {
	const uri = 'otpauth://totp/Gatewright:ada%20lovelace?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Gatewright&algorithm=SHA1&digits=6&period=30';
	const {container} = render(<QrCode text={uri} label="QR code" />);
	const svg = container.querySelector('svg') as SVGElement;
	expect(svg.getAttribute('aria-label')).toBe('QR code');
	const {data, size} = pixelsOf(svg);
	expect(jsQR(data, size, size)?.data).toBe(uri);
});
