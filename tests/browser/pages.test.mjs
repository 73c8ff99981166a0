// Every page in both themes and two widths: accessible, inside its window, without a complaint; a picture of each is kept.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {alertOf, brokenRules, button, field, firstLogIn, launch, logIn, openPage, picture, toSshStep, World} from './harness.mjs';

const THEMES = ['light', 'dark'];
const WIDTHS = [1280, 390];

let world, browser, gateway, job;

before(async () => {
	world = await World.start();
	browser = await launch();
	gateway = await world.do('add_gateway');
	const page = await openPage(browser, world);
	await firstLogIn(page, world, 'ada');
	await world.do('add_user', 'grace', ['viewer', 'issuer']);
	const {id} = await world.do('call', 'POST', `gateways/${gateway.name}/keystore-updates`, {
		certificate: gateway.new.id, force_warnings: true, ssh: {auth: 'password', password: gateway.password},
	});
	job = id;
	await page.goto(`/jobs/${job}`);
	await alertOf(page, 'The new certificate is served').waitFor();
	await page.context().close();
});

after(async () => {
	await browser?.close();
	await world?.stop();
});

const PAGES = {
	overview: () => ['/', 'Overview'],
	certificates: () => ['/certificates', 'Certificates'],
	'certificate-new': () => ['/certificates/new', 'Create signed certificate'],
	'certificate-root': () => ['/certificates/new?kind=root', 'Create root'],
	'certificate-renew': () => [`/certificates/new?renews=${gateway.old.id}`, `Renew ${gateway.old.display_name}`],
	certificate: () => [`/certificates/${gateway.new.id}`, gateway.new.display_name],
	compare: () => [`/certificates/${gateway.old.id}/compare/${gateway.new.id}`, 'Comparison'],
	gateways: () => ['/gateways', 'Gateways'],
	gateway: () => [`/gateways/${gateway.name}`, gateway.name],
	'gateway-new': () => ['/gateways/new', 'Add gateway'],
	'gateway-edit': () => [`/gateways/${gateway.name}/edit`, `Change ${gateway.name}`],
	wizard: () => [`/gateways/${gateway.name}/update-keystore`, `Update keystore of ${gateway.name}`],
	'wizard-job': () => [`/gateways/${gateway.name}/update-keystore?job=${job}`, `Update keystore of ${gateway.name}`],
	jobs: () => ['/jobs', 'Jobs'],
	job: () => [`/jobs/${job}`, `Job ${job}`],
	audit: () => ['/audit', 'Audit'],
	users: () => ['/users', 'Users and tokens'],
	settings: () => ['/settings', 'Settings'],
	account: () => ['/account', 'My account'],
	nowhere: () => ['/nowhere', 'Not found'],
};

/** What can be pressed or filled in and lies partly outside of the window, except in what scrolls by itself. */
const cutOff = (page) => page.evaluate(() => {
	const scrolls = (one) => one && one !== document.documentElement && (/auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth && one.tagName !== 'MAIN' || scrolls(one.parentElement));
	return [...document.querySelectorAll('button, a[href], input, select')]
		.filter((one) => {
			const {left, right, width, height} = one.getBoundingClientRect();
			return width > 1 && height > 1 && (right > document.documentElement.clientWidth + 1 || left < -1) && getComputedStyle(one).visibility !== 'hidden' && !one.closest('.pf-v6-c-page__sidebar, .pf-v6-c-skip-to-content') && !scrolls(one.parentElement);
		})
		.map((one) => one.outerHTML.slice(0, 160));
});

/** Words that end in three dots because their place is too small; a name of a person in the head may. */
const cutShort = (page) => page.evaluate(() =>
	[...document.querySelectorAll('body *')]
		.filter((one) => getComputedStyle(one).textOverflow === 'ellipsis' && one.scrollWidth > one.clientWidth && one.clientWidth > 1 && !one.matches('input, .gw-user-name'))
		.map((one) => one.innerText));

/** Of an open menu, what something else lies above, or a card hides. */
const hiddenItems = (page) => page.evaluate(() =>
	[...document.querySelectorAll('[role=menuitem]')]
		.filter((one) => {
			const {x, y, width, height} = one.getBoundingClientRect();
			return !one.contains(document.elementFromPoint(x + width / 2, y + height / 2));
		})
		.map((one) => one.innerText));

async function look(page, name) {
	await page.waitForLoadState('networkidle');
	await page.getByLabel('Loading').waitFor({state: 'detached'});
	await page.evaluate(() => {
		const endless = (one) => one.effect?.getComputedTiming().iterations === Infinity;
		return Promise.allSettled(document.getAnimations().filter((one) => !endless(one)).map((one) => one.finished));
	});
	await picture(page, name);
	assert.deepEqual(await brokenRules(page), [], name);
	const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
	assert.ok(over <= 0, `${name} is ${over} pixels wider than its window`);
	assert.deepEqual(await cutOff(page), [], name);
	assert.deepEqual(await cutShort(page), [], name);
	assert.deepEqual(page.complaints, [], name);
}

/** Loaded once, looked at in both widths. */
async function lookAtWidths(page, name) {
	for (const width of WIDTHS) {
		await page.setViewportSize({width, height: 900});
		await look(page, `${name}-${width}`);
	}
}

for (const theme of THEMES) {
	test(`every page, ${theme}`, async (t) => {
		const page = await openPage(browser, world, {theme});
		await page.goto('/');
		await button(page, 'Log in').waitFor();
		await lookAtWidths(page, `login-${theme}`);
		await logIn(page, 'ada');
		for (const [name, address] of Object.entries(PAGES)) {
			await t.test(name, async () => {
				const [path, title] = address();
				await page.goto(path);
				await page.getByRole('heading', {name: title, level: 1, exact: true}).waitFor();
				await lookAtWidths(page, `${name}-${theme}`);
			});
		}
		await t.test('dialogs', async () => {
			await page.goto('/certificates');
			await button(page, `Actions for ${gateway.old.display_name}`).click();
			await lookAtWidths(page, `menu-${theme}`);
			assert.deepEqual(await hiddenItems(page), []);
			await page.getByRole('menuitem', {name: 'Export', exact: true}).click();
			await page.getByRole('radio', {name: 'Keystore with the private key'}).check();
			await lookAtWidths(page, `export-${theme}`);
			await page.keyboard.press('Escape');
			await button(page, 'Import').click();
			await lookAtWidths(page, `import-${theme}`);
			await page.goto('/users');
			await button(page, 'Actions for ada').click();
			await look(page, `menu-users-${theme}`);
			assert.deepEqual(await hiddenItems(page), []);
		});
		await page.context().close();
	});
}

test('the wizard in German on a narrow screen', async () => {
	const page = await openPage(browser, world, {width: 390, locale: 'de-DE'});
	await page.goto('/');
	await page.getByLabel('Benutzername').waitFor();
	await look(page, 'login-german');
	await button(page, 'Sprache').click();
	await page.getByRole('option', {name: 'English'}).click();
	await logIn(page, 'ada');
	await button(page, 'Language').click();
	await page.getByRole('option', {name: 'Deutsch'}).click();
	await page.getByRole('heading', {name: 'Übersicht', level: 1}).waitFor();
	assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
	await look(page, 'overview-german');
	await page.goto('/gateways');
	await look(page, 'gateways-german');
	const {height} = await page.getByRole('link', {name: gateway.name, exact: true}).boundingBox();
	assert.ok(height < 40, `its name takes ${height} pixels: letter below letter`);
	await world.do('call', 'POST', 'certificates', {renews: gateway.new.id, display_name: 'german', not_after: '2029-01-01T00:00:00Z'});
	await page.goto(`/gateways/${gateway.name}/update-keystore`);
	for (const step of ['Gateway', 'Zertifikat', 'SSH-Zugang']) {
		await page.getByRole('heading', {name: step, level: 2}).waitFor();
		if (step === 'SSH-Zugang') await page.getByText('Einen signierten Nachweis schreiben.').waitFor();
		await look(page, `wizard-german-${step}`);
		if (step === 'Zertifikat') await page.getByRole('radio', {name: /german/}).check();
		if (step !== 'SSH-Zugang') await page.getByRole('button', {name: 'Weiter', exact: true}).click();
	}
	await page.goto(`/jobs/${job}`);
	await page.getByText('den Rechner prüfen').waitFor();
	await page.context().close();
});

test('the navigation goes everywhere, by mouse and by keyboard, and the focus goes along', async () => {
	const page = await openPage(browser, world);
	await logIn(page, 'ada');
	const focused = () => page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText);
	const links = page.getByRole('navigation', {name: 'Pages'}).getByRole('link');
	for (const [i, name] of (await links.allInnerTexts()).entries()) {
		if (i % 2) await links.nth(i).click();
		else await links.nth(i).press('Enter');
		await page.getByRole('heading', {name, level: 1, exact: true}).waitFor();
		assert.equal(await links.nth(i).getAttribute('aria-current'), 'page');
		assert.equal(await page.title(), `${name} · Gatewright`);
		if (i > 0) assert.equal(await focused(), name);
	}
	await page.goto('/certificates');
	const menu = button(page, `Actions for ${gateway.old.display_name}`);
	await menu.press('Enter');
	await page.waitForFunction(() => document.activeElement.getAttribute('role') === 'menuitem');
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('ArrowDown');
	assert.equal(await focused(), 'Export'); // the third, not a row of the tree below
	await page.getByRole('menuitem', {name: 'Export', exact: true}).press('Enter');
	await page.getByRole('dialog').waitFor();
	await page.keyboard.press('Escape');
	await page.getByRole('dialog').waitFor({state: 'detached'});
	await page.waitForFunction(() => document.activeElement !== document.body);
	assert.equal(await focused(), `Actions for ${gateway.old.display_name}`);
	assert.deepEqual(page.complaints, []);
	await page.context().close();
});

test('a page whose file is gone says so, and the others still work', async () => {
	const page = await openPage(browser, world);
	await logIn(page, 'ada');
	await page.route('**/assets/JobsPage*', (route) => route.abort());
	const pages = page.getByRole('navigation', {name: 'Pages'});
	await pages.getByRole('link', {name: 'Jobs'}).click();
	await alertOf(page, 'That did not work').waitFor();
	await pages.getByRole('link', {name: 'Settings'}).click();
	await page.getByRole('heading', {name: 'Settings', level: 1}).waitFor();
	await page.context().close();
});

test('the theme is kept, and follows the system when nothing is chosen', async () => {
	const page = await openPage(browser, world, {theme: 'dark'});
	const isDark = () => page.evaluate(() => document.documentElement.classList.contains('pf-v6-theme-dark'));
	await page.goto('/');
	assert.equal(await isDark(), true);
	await button(page, 'Theme').click();
	await page.getByRole('option', {name: 'Light'}).click();
	assert.equal(await isDark(), false);
	await page.reload();
	await button(page, 'Theme').waitFor();
	assert.equal(await isDark(), false);
	await page.context().close();
});

test('no secret stays in the browser', async () => {
	const page = await openPage(browser, world);
	await logIn(page, 'ada');
	const third = await world.do('call', 'POST', 'certificates', {renews: gateway.new.id, display_name: 'third', not_after: '2029-01-01T00:00:00Z'});
	await toSshStep(page, {...gateway, new: third});
	await page.getByRole('textbox', {name: 'Password'}).fill('a secret of mine');
	await field(page, 'Port').fill('1');
	const kept = await page.evaluate(() => JSON.stringify([{...localStorage}, {...sessionStorage}, window.history.state, document.cookie]));
	assert.ok(!kept.includes('a secret of mine'), kept);
	await page.context().close();
});
