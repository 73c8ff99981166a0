// The first paint of pages of the console with data, with 100,000 certificates and 2,000 gateways, in Chromium; against a static page with a
// table of 100 rows from nginx, in the same run. bench/console/run.mjs [BUILD] [LOADS] [STORE], as root, after `npm run build` in console/; STORE as
// of bench/api/run.py. Cold: a new browser profile, signed in, with nothing in its cache. Warm: the same page again. A load ends with the frame
// after the first row with data. Prints medians and ratios; exit status 1 when the page of certificates takes 1 s or more.
import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import {resolve} from 'node:path';
import {field, launch, PASSWORD, ROOT} from '../../tests/browser/harness.mjs';

const BAR_MS = 1000;
const BUILD = resolve(process.argv[2] ?? `${ROOT}/build/release`);
const LOADS = Number(process.argv[3] ?? 7);
const STORE = process.argv[4] ? [resolve(process.argv[4])] : [];

const PAGES = [
	['certificates', '/certificates', '[role=treegrid] tbody tr, .gw-tree tbody tr', true],
	['gateways', '/gateways', 'main table tbody tr', false],
	['overview', '/', 'main h3', false],
];

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Milliseconds from the beginning of the navigation to the frame after `selector` is there. */
async function paint(page, address, selector) {
	await page.goto(address, {waitUntil: 'commit'});
	return page.evaluate(
		(wanted) =>
			new Promise((done) => {
				const look = () => (document.querySelector(wanted) ? requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0)) : requestAnimationFrame(look));
				look();
			}),
		selector,
	);
}

async function signIn(browser, world) {
	const context = await browser.newContext({ignoreHTTPSErrors: true, baseURL: world.url, locale: 'en-GB'});
	const page = await context.newPage();
	await page.goto('/');
	await field(page, 'User name').fill('painter');
	await field(page, 'Password').fill(world.once);
	await page.getByRole('button', {name: 'Log in'}).click();
	await field(page, 'Current password').fill(world.once);
	await field(page, 'New password').fill(PASSWORD);
	await field(page, 'New password again').fill(PASSWORD);
	await page.getByRole('button', {name: 'Change password'}).click();
	await page.getByRole('heading', {name: 'Overview', level: 1}).waitFor();
	const state = await context.storageState();
	await context.close();
	return state;
}

/** Medians of a cold and of a warm load. */
async function measure(browser, storageState, address, selector) {
	const cold = [];
	const warm = [];
	for (let i = 0; i < LOADS; i++) {
		const context = await browser.newContext({ignoreHTTPSErrors: true, storageState, locale: 'en-GB', viewport: {width: 1280, height: 900}});
		const page = await context.newPage();
		cold.push(await paint(page, address, selector));
		warm.push(await paint(page, address, selector));
		await context.close();
	}
	return {cold: median(cold), warm: median(warm)};
}

/** A branch of 100,000 opens; a search answers. */
async function act(browser, storageState, world) {
	const context = await browser.newContext({ignoreHTTPSErrors: true, storageState, baseURL: world.url, locale: 'en-GB', viewport: {width: 1280, height: 900}});
	const page = await context.newPage();
	await page.goto('/certificates');
	let begin = Date.now();
	await page.getByRole('button', {name: 'Certificates below Bench Root'}).click();
	await page.getByRole('link', {name: 'Gateway 50', exact: true}).waitFor();
	console.log(`a branch of 100,000, its first 100 rows: ${Date.now() - begin} ms`);
	begin = Date.now();
	await page.getByRole('textbox', {name: /^Search by name/}).fill('gw54321.exam');
	await page.getByRole('link', {name: 'Gateway 54321', exact: true}).waitFor();
	console.log(`a search, with the 250 ms until typing rests: ${Date.now() - begin} ms`);
	await context.close();
}

const python = spawn('/usr/bin/python3', [`${ROOT}/bench/console/world.py`, BUILD, ...STORE], {stdio: ['pipe', 'pipe', 'inherit']});
const ended = new Promise((go) => python.once('exit', go));
const {value} = await createInterface({input: python.stdout})[Symbol.asyncIterator]().next();
const world = JSON.parse(value);
const browser = await launch();
let isMissed = false;
try {
	console.log(`medians of ${LOADS} loads; ${world.load}`);
	const state = await signIn(browser, world);
	const peer = await measure(browser, undefined, world.page, 'table tr');
	console.log(`${'a static page with 100 rows, nginx'.padEnd(40)} cold ${peer.cold.toFixed(0).padStart(6)} ms  warm ${peer.warm.toFixed(0).padStart(6)} ms`);
	for (const [name, path, selector, hasBar] of PAGES) {
		const found = await measure(browser, state, world.url + path, selector);
		const bad = hasBar && found.cold >= BAR_MS;
		isMissed ||= bad;
		console.log(`${name.padEnd(40)} cold ${found.cold.toFixed(0).padStart(6)} ms  warm ${found.warm.toFixed(0).padStart(6)} ms  ${(found.cold / peer.cold).toFixed(1)} and ${(found.warm / peer.warm).toFixed(1)} of the static page${bad ? '  MISSED' : ''}`);
	}
	await act(browser, state, world);
} finally {
	await browser.close();
	python.stdin.end();
	await ended;
}
process.exit(isMissed ? 1 : 0);
