// Who may do what: users, roles, tokens, the audit log and a second person, through the console.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, before, test} from 'node:test';
import {alertOf, button, field, firstLogIn, launch, openPage, PASSWORD, World} from './harness.mjs';

let world, browser, page;

before(async () => {
	world = await World.start();
	browser = await launch();
	page = await openPage(browser, world);
	await firstLogIn(page, world, 'ada');
});

after(async () => {
	await browser?.close();
	await world?.stop();
});

test('a wrong password says no more than that', async () => {
	const other = await openPage(browser, world);
	await other.goto('/');
	await field(other, 'User name').fill('ada');
	await field(other, 'Password').fill('not the password');
	await button(other, 'Log in').click();
	await alertOf(other, 'The user name or the password is wrong.').waitFor();
	await other.context().close();
});

test('a user is made, logs in once with what was shown, and sees only what the roles allow', async () => {
	await page.goto('/users');
	await button(page, 'Create user').click();
	const dialog = page.getByRole('dialog');
	await field(dialog, 'User').fill('grace');
	await dialog.getByRole('button', {name: 'Create user'}).click();
	await page.getByRole('dialog', {name: 'One-time password of grace'}).waitFor();
	const once = await page.getByRole('dialog').getByRole('textbox').inputValue();
	await button(page, 'I have kept it').click();

	const other = await openPage(browser, world);
	await other.goto('/');
	await field(other, 'User name').fill('grace');
	await field(other, 'Password').fill(once);
	await button(other, 'Log in').click();
	await field(other, 'Current password').fill(once);
	await field(other, 'New password').fill(PASSWORD);
	await field(other, 'New password again').fill(PASSWORD);
	await button(other, 'Change password').click();
	await other.getByRole('heading', {name: 'Overview', level: 1}).waitFor();
	const pages = await other.getByRole('navigation', {name: 'Pages'}).getByRole('link').allInnerTexts();
	assert.deepEqual(pages, ['Overview', 'Certificates', 'Gateways', 'Jobs']);
	await other.goto('/certificates');
	await other.getByRole('treegrid').waitFor();
	assert.equal(await button(other, 'Create root').count(), 0);
	await other.goto('/users');
	await alertOf(other, 'You are not allowed to do this').first().waitFor();
	await other.context().close();
});

test('a token is shown once, works, and is deleted', async () => {
	await page.goto('/account');
	await button(page, 'Create token').click();
	const dialog = page.getByRole('dialog');
	await field(dialog, 'Name').fill('a script');
	await dialog.getByLabel('Administrator').check();
	await dialog.getByRole('button', {name: 'Create token'}).click();
	await page.getByRole('dialog', {name: 'Your new token'}).waitFor();
	const token = await page.getByRole('dialog').getByRole('textbox').inputValue();
	assert.match(token, /^gwt_/);
	await button(page, 'I have kept it').click();
	const call = () => page.context().request.get(`${world.url}/api/v1/session`, {headers: {Authorization: `Bearer ${token}`, Cookie: ''}});
	assert.equal((await (await call()).json()).by, 'token');
	await button(page, 'Delete token a script').click();
	await page.getByRole('dialog').getByRole('button', {name: 'Delete', exact: true}).click();
	await page.getByText('You have no token.').waitFor();
	assert.equal((await call()).status(), 401);
});

test('the audit log is filtered, verified and exported', async () => {
	await page.goto('/audit');
	await page.getByLabel('Action').selectOption({label: 'User created'});
	await page.getByText('user:grace', {exact: true}).first().waitFor();
	await field(page, 'Who').fill('grace');
	await page.getByText('No event matches.').waitFor();
	await field(page, 'Who').fill('ada');
	await page.getByText('user:grace', {exact: true}).first().waitFor();
	await button(page, 'Verify').click();
	await alertOf(page, 'Every event is there and unchanged').waitFor();
	const [file] = await Promise.all([page.waitForEvent('download'), button(page, 'Export').click()]);
	const lines = readFileSync(await file.path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
	assert.ok(lines.length > 3);
});

test('an export of a key waits for a second person', async () => {
	const {id} = await world.do('call', 'POST', 'certificates', {kind: 'end-entity', issuer: 3, display_name: 'Guarded', names: 'guarded.example.com'});
	await page.goto('/settings');
	await page.getByLabel('A second person for exports of private keys').check();
	await page.getByRole('region').or(page.locator('section')).filter({hasText: 'Log out without activity'}).last().getByRole('button', {name: 'Save'}).click();
	await page.getByText('The settings were saved').first().waitFor();

	await page.goto(`/certificates/${id}`);
	await button(page, 'Actions for Guarded').click();
	await page.getByRole('menuitem', {name: 'Export', exact: true}).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('radio', {name: 'Keystore with the private key'}).check();
	await field(dialog, 'Passphrase for the file').fill('a passphrase');
	await field(dialog, 'Passphrase again').fill('a passphrase');
	await button(dialog, 'Download').click();
	await alertOf(dialog, 'A second person has to agree').waitFor();

	const second = await openPage(browser, world);
	await firstLogIn(second, world, 'barbara');
	await second.goto('/settings');
	await button(second, 'Grant').click();
	await second.getByText('granted', {exact: true}).waitFor();
	await second.context().close();
	const [file] = await Promise.all([page.waitForEvent('download'), button(dialog, 'Try again now').click()]);
	assert.equal(readFileSync(await file.path())[0], 0x30);
	assert.deepEqual(page.complaints, []);
});

test('signing out ends the session', async () => {
	await button(page, 'User menu of ada').click();
	await page.getByRole('menuitem', {name: 'Sign out', exact: true}).click();
	await button(page, 'Log in').waitFor();
	await page.goto('/certificates');
	await button(page, 'Log in').waitFor();
});
