// After vite: a .gz beside every text file of dist, and a look at what the first page loads.
import {readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';

const DIST = 'dist';
const FIRST_LOAD_MAX = 400 * 1000;
const TEXT = /\.(html|js|css|svg|json|map)$/;
// The first page shows these; every other route is loaded when it is opened.
const FIRST = ['index.html', 'src/overview/OverviewPage.tsx'];

function filesBelow(folder) {
	return readdirSync(folder).flatMap((name) => {
		const path = join(folder, name);
		return statSync(path).isDirectory() ? filesBelow(path) : [path];
	});
}

function firstLoad(manifest) {
	const files = new Set(['index.html']);
	const visit = (key) => {
		const chunk = manifest[key];
		if (!chunk || files.has(chunk.file)) return;
		files.add(chunk.file);
		(chunk.css ?? []).forEach((css) => files.add(css));
		(chunk.imports ?? []).forEach(visit);
	};
	FIRST.forEach(visit);
	return [...files];
}

const manifest = JSON.parse(readFileSync(join(DIST, 'manifest.json'), 'utf8'));
rmSync(join(DIST, 'manifest.json'));
for (const path of filesBelow(DIST)) {
	if (TEXT.test(path)) writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), {level: 9}));
}
const sum = firstLoad(manifest).reduce((n, file) => n + statSync(join(DIST, `${file}.gz`)).size, 0);
console.log(`first load: ${Math.round(sum / 1000)} kB gzipped (at most ${FIRST_LOAD_MAX / 1000} kB)`);
if (sum > FIRST_LOAD_MAX) process.exit(1);
