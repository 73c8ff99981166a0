import react from '@vitejs/plugin-react';
import {defineConfig} from 'vitest/config';

export default defineConfig({
	plugins: [react()],
	build: {
		outDir: 'dist',
		assetsInlineLimit: 0, // the content security policy allows no font and no script from a data: address
		modulePreload: {polyfill: false},
		reportCompressedSize: false,
		manifest: 'manifest.json',
		rollupOptions: {
			output: {
				manualChunks: (id) => (/node_modules\/(react|react-dom|react-router|react-router-dom|@remix-run|scheduler)\//.test(id) ? 'react' : undefined),
			},
		},
	},
	test: {environment: 'jsdom', include: ['tests/**/*.test.{ts,tsx}']},
});
