// The world, a browser, and the few moves that every test makes. Nothing here stands in for the server.
import {spawn} from 'node:child_process';
import {mkdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join, resolve} from 'node:path';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const require = createRequire(join(ROOT, 'console/package.json'));
const {chromium} = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const PICTURES = join(ROOT, 'build/browser');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** How long something may take that will come: much longer than on an idle machine, because waiting costs nothing when it comes. */
const WAIT_MS = 120000;

export const PASSWORD = 'four words in a row';

/** The daemons, started by world.py. */
export class World {
	static async start() {
		const world = new World();
		world.process = spawn('/usr/bin/python3', [join(ROOT, 'tests/browser/world.py')], {
			stdio: ['pipe', 'pipe', 'inherit'],
			env: {...process.env, PYTHONDONTWRITEBYTECODE: '1'},
		});
		world.lines = createInterface({input: world.process.stdout})[Symbol.asyncIterator]();
		world.queue = Promise.resolve();
		world.url = (await world.#next()).url;
		return world;
	}

	async #next() {
		const {value, done} = await this.lines.next();
		if (done) throw new Error('world.py has ended');
		return JSON.parse(value);
	}

	/** A method of World in world.py. */
	do(name, ...args) {
		const answer = this.queue.then(async () => {
			this.process.stdin.write(`${JSON.stringify({do: name, args})}\n`);
			const {ok, error} = await this.#next();
			if (error) throw new Error(`${name}: ${error}`);
			return ok;
		});
		this.queue = answer.catch(() => undefined);
		return answer;
	}

	async stop() {
		const ended = new Promise((go) => this.process.once('exit', go));
		this.process.stdin.end();
		await ended;
	}
}

export const launch = () => chromium.launch({executablePath: '/usr/bin/chromium', args: process.getuid() === 0 ? ['--no-sandbox'] : []});

/** A window of somebody. What the page complains about, its policy too, is collected in page.complaints. */
export async function openPage(browser, world, {width = 1280, theme = 'light', locale = 'en-GB'} = {}) {
	const context = await browser.newContext({viewport: {width, height: 900}, locale, colorScheme: theme, ignoreHTTPSErrors: true, acceptDownloads: true, baseURL: world.url});
	const page = await context.newPage();
	page.setDefaultTimeout(WAIT_MS);
	page.complaints = [];
	page.on('pageerror', (error) => page.complaints.push(error.message));
	page.on('console', (message) => {
		// what the server refuses is part of the tests; the browser logs each such answer
		if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) page.complaints.push(message.text());
	});
	return page;
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** A field by its whole label; a required one has a star behind it. */
export const field = (page, label) => page.getByLabel(new RegExp(`^${escaped(label)}\\s*\\*?$`));

/** Makes a user of these roles, logs in with the one-time password and chooses another. */
export async function firstLogIn(page, world, name, roles = ['administrator']) {
	const {one_time_password: once} = await world.do('add_user', name, roles);
	await page.goto('/');
	await field(page, 'User name').fill(name);
	await field(page, 'Password').fill(once);
	await page.getByRole('button', {name: 'Log in'}).click();
	await field(page, 'Current password').fill(once);
	await field(page, 'New password').fill(PASSWORD);
	await field(page, 'New password again').fill(PASSWORD);
	await page.getByRole('button', {name: 'Change password'}).click();
	await page.getByRole('heading', {name: 'Overview', level: 1}).waitFor();
}

export async function logIn(page, name) {
	await page.goto('/');
	await field(page, 'User name').fill(name);
	await field(page, 'Password').fill(PASSWORD);
	await page.getByRole('button', {name: 'Log in'}).click();
	await page.getByRole('heading', {name: 'Overview', level: 1}).waitFor();
}

export const button = (page, name) => page.getByRole('button', {name, exact: true});
const nextStep = (page) => button(page, 'Next').click();

/** The wizard up to the third step, with the successor chosen. */
export async function toSshStep(page, gateway) {
	await page.goto(`/gateways/${gateway.name}/update-keystore`);
	await nextStep(page);
	await page.getByRole('radio', {name: new RegExp(gateway.new.display_name)}).check();
	const force = page.getByLabel('I have read this; use it anyway');
	if (await force.count()) await force.check();
	await nextStep(page);
}

/** The third step filled in and sent. */
export async function sendSsh(page, password) {
	await page.getByRole('textbox', {name: 'Password'}).fill(password);
	await page.getByText('The host shows the pinned key').waitFor();
	await page.getByRole('contentinfo').or(page.locator('footer')).getByRole('button', {name: 'Update keystore'}).click();
}

/** An alert by its title. What it is for a screen reader stands before that, so it is looked for at the end. */
export const alertOf = (page, title) => page.locator('.pf-v6-c-alert__title', {hasText: new RegExp(`${escaped(title)}$`)}).first();

/** The last step of the wizard, with this outcome. */
export async function result(page, outcome) {
	await page.getByRole('heading', {name: 'Result', level: 2}).waitFor();
	await alertOf(page, outcome).waitFor();
}

/** The rules of axe that the page breaks, as sentences. */
export async function brokenRules(page) {
	await page.evaluate(axe);
	const {violations} = await page.evaluate((rules) => window.axe.run(document, {runOnly: rules}), RULES);
	return violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`);
}

export async function picture(page, name) {
	mkdirSync(PICTURES, {recursive: true});
	await page.screenshot({path: join(PICTURES, `${name}.png`), fullPage: true});
}
