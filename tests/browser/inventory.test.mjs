// Everything that is done with certificates, gateways, users and settings besides the renewal.
import assert from 'node:assert/strict';
import {X509Certificate} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {connect} from 'node:tls';
import {after, before, test} from 'node:test';
import {alertOf, button, field, firstLogIn, launch, openPage, PASSWORD, picture, result, sendSsh, toSshStep, World} from './harness.mjs';

const PASSPHRASE = 'locks the file';

let world, browser, page, gateway;

before(async () => {
	world = await World.start();
	browser = await launch();
	page = await openPage(browser, world);
	await firstLogIn(page, world, 'ada');
	gateway = await world.do('add_gateway');
});

after(async () => {
	await browser?.close();
	await world?.stop();
});

const create = (body) => world.do('call', 'POST', 'certificates', {kind: 'end-entity', issuer: gateway.old.issuer, names: 'x.example.com', ...body});
const keystoreOf = async ({id}) => (await world.do('call', 'POST', `certificates/${id}/export`, {format: 'keystore', passphrase: PASSPHRASE})).data;
const dialog = () => page.getByRole('dialog');
const row = (name) => page.getByRole('row', {name: new RegExp(name)});

async function choose(name, action) {
	await button(page, `Actions for ${name}`).click();
	await page.getByRole('menuitem', {name: action, exact: true}).click();
}

/** Files, each [name, base64], as the mouse lets them go above the field. */
async function dropAll(...files) {
	const transfer = await page.evaluateHandle((all) => {
		const dataTransfer = new DataTransfer();
		for (const [file, data] of all) dataTransfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], file));
		return dataTransfer;
	}, files);
	for (const kind of ['dragenter', 'dragover', 'drop']) await page.locator('.pf-v6-c-file-upload').dispatchEvent(kind, {dataTransfer: transfer});
}

const drop = (name, base64) => dropAll([name, base64]);

test('a PEM file is dropped, looked into and imported', async () => {
	const taken = await create({display_name: 'from a file'});
	await world.do('call', 'DELETE', `certificates/${taken.id}`);
	await page.goto('/certificates');
	await button(page, 'Import').click();
	await drop('taken.pem', Buffer.from(taken.pem).toString('base64'));
	await button(dialog(), 'Look into the file').click();
	await alertOf(dialog(), '1 certificate will be imported').waitFor();
	await picture(page, 'import-preview');
	await button(dialog(), 'Import').click();
	await page.getByText('1 certificate was imported').first().waitFor();
	await page.getByRole('link', {name: 'from a file'}).waitFor();

	await button(page, 'Import').click();
	await drop('taken.pem', Buffer.from(taken.pem).toString('base64'));
	await button(dialog(), 'Look into the file').click();
	await alertOf(dialog(), '1 certificate is left out').waitFor();
	assert.equal(await button(dialog(), 'Import').count(), 0);
	await page.keyboard.press('Escape');
});

test('several PEM files are imported at once; others are taken alone', async () => {
	const both = [await create({display_name: 'one of two'}), await create({display_name: 'two of two'})];
	const keystore = await keystoreOf(both[0]);
	for (const {id} of both) await world.do('call', 'DELETE', `certificates/${id}`);
	const files = both.map(({pem}, i) => [`${i}.pem`, Buffer.from(pem).toString('base64')]);
	await page.goto('/certificates');
	await button(page, 'Import').click();
	await dropAll(...files, ['a.p12', keystore]);
	await alertOf(dialog(), 'Choose a PKCS#12 file alone.').waitFor();
	assert.ok(await button(dialog(), 'Look into the file').isDisabled());
	await dropAll(...files);
	await button(dialog(), 'Look into the file').click();
	await alertOf(dialog(), '2 certificates will be imported').waitFor();
	await button(dialog(), 'Import').click();
	for (const name of ['one of two', 'two of two']) await page.getByRole('link', {name}).waitFor();
});

test('a PKCS#12 file: a wrong passphrase is said, the right one brings the key', async () => {
	const locked = await create({display_name: 'from a keystore'});
	const data = await keystoreOf(locked);
	await world.do('call', 'DELETE', `certificates/${locked.id}`);
	await page.goto('/certificates');
	await button(page, 'Import').click();
	await drop('locked.p12', data);
	await field(dialog(), 'Passphrase').fill('not this one');
	await button(dialog(), 'Look into the file').click();
	await dialog().getByText(/passphrase/i).last().waitFor();
	await dialog().getByRole('alert').waitFor();
	await picture(page, 'import-wrong-passphrase');
	await field(dialog(), 'Passphrase').fill(PASSPHRASE);
	await button(dialog(), 'Look into the file').click();
	await alertOf(dialog(), '1 certificate will be imported').waitFor();
	await button(dialog(), 'Import').click();
	await page.getByRole('link', {name: 'from a keystore'}).click();
	await page.getByText('Kept here, sealed').waitFor();
});

test('what is no certificate says so', async () => {
	await page.goto('/certificates');
	await button(page, 'Import').click();
	await drop('notes.txt', Buffer.from('nothing of use').toString('base64'));
	await button(dialog(), 'Look into the file').click();
	await dialog().getByRole('alert').or(alertOf(dialog(), 'The file has no certificate')).first().waitFor();
	await page.keyboard.press('Escape');
});

test('exports: the certificate, its chain, its keystore', async () => {
	await create({display_name: 'exported'});
	await page.goto('/certificates');
	const save = async (format) => {
		await choose('exported', 'Export');
		await dialog().getByRole('radio', {name: format}).check();
		if (format.startsWith('Keystore')) {
			await field(dialog(), 'Passphrase for the file').fill(PASSPHRASE);
			await field(dialog(), 'Passphrase again').fill('another one');
			await dialog().getByText('The two passphrases differ.').waitFor();
			assert.equal(await button(dialog(), 'Download').isDisabled(), true);
			await field(dialog(), 'Passphrase again').fill(PASSPHRASE);
		}
		const [file] = await Promise.all([page.waitForEvent('download'), button(dialog(), 'Download').click()]);
		await dialog().waitFor({state: 'detached'});
		return readFileSync(await file.path());
	};
	const pem = (await save('Certificate alone')).toString();
	assert.equal(pem.match(/BEGIN CERTIFICATE/g).length, 1);
	assert.match(new X509Certificate(pem).subject, /exported/);
	assert.equal((await save('Certificate with its chain')).toString().match(/BEGIN CERTIFICATE/g).length, 2);
	assert.equal((await save('Keystore with the private key'))[0], 0x30);
});

test('revoked once, refused on gateways for ever; deleted when nothing hangs on it', async () => {
	const {id} = await create({display_name: 'short-lived'});
	await page.goto('/certificates');
	await choose('short-lived', 'Revoke');
	await button(dialog(), 'Revoke').click();
	await row('short-lived').getByText('Revoked').waitFor();
	assert.equal((await world.do('call', 'GET', `certificates/${id}`)).status, 'revoked');
	await choose('short-lived', 'Delete');
	await button(dialog(), 'Delete').click();
	await page.getByText('Certificate short-lived was deleted').first().waitFor();
	await row('short-lived').waitFor({state: 'detached'});

	await choose('Test Root', 'Delete');
	await button(dialog(), 'Delete').click();
	await dialog().getByRole('alert').getByText(/issued others/).waitFor();
	await picture(page, 'delete-refused');
	await page.keyboard.press('Escape');
	await button(page, `Actions for ${gateway.old.display_name}`).click();
	const refused = page.getByRole('menuitem', {name: /^Delete/});
	assert.equal(await refused.getAttribute('aria-disabled'), 'true');
	assert.match(await refused.innerText(), new RegExp(`In use: ${gateway.name}`));
	await page.keyboard.press('Escape');
});

test('an intermediate with its path length signs a certificate', async () => {
	await page.goto('/certificates');
	await choose('Test Root', 'Create signed certificate');
	await page.getByRole('radio', {name: 'CA certificate (signs others)'}).check();
	assert.equal(await field(page, 'Host names and IP addresses').count(), 0);
	await field(page, 'Display name').fill('Branch CA');
	await field(page, 'CA levels below it').fill('9999999');
	await page.getByText(/want a path length of/).waitFor();
	await field(page, 'CA levels below it').fill('0');
	await page.getByText(/want a path length of/).waitFor({state: 'detached'});
	await button(page, 'Create certificate').click();
	await page.getByRole('heading', {name: 'Branch CA', level: 1}).waitFor();
	await choose('Branch CA', 'Create signed certificate');
	await field(page, 'Display name').fill('of the branch');
	await field(page, 'Host names and IP addresses').fill('branch.example.com');
	await button(page, 'Create certificate').click();
	await page.getByRole('heading', {name: 'of the branch', level: 1}).waitFor();
	assert.deepEqual(await page.getByRole('list', {name: 'Chain of trust'}).getByRole('link').allInnerTexts(), ['Test Root', 'Branch CA', 'of the branch']);
});

test('a gateway is added, changed and deleted', async () => {
	await page.goto('/gateways');
	await button(page, 'Add gateway').click();
	await field(page, 'Name').fill('not a name!');
	await field(page, 'TLS addresses').fill('127.0.0.1:1');
	await field(page, 'Host').fill('127.0.0.1');
	await button(page, 'Save').click();
	await page.getByRole('alert').waitFor();
	await field(page, 'Name').fill('branch');
	await button(page, 'Save').click();
	await page.getByRole('heading', {name: 'branch', level: 1}).waitFor();
	await button(page, 'Probe now').click();
	await page.getByText('no answer').first().waitFor();
	await choose('branch', 'Change');
	await field(page, 'Server names').fill('branch.example.com');
	await button(page, 'Save').click();
	await page.getByRole('heading', {name: 'branch', level: 1}).waitFor();
	assert.deepEqual((await world.do('call', 'GET', 'gateways/branch')).server_names, ['branch.example.com']);
	await choose('branch', 'Delete');
	await button(dialog(), 'Delete').click();
	await page.getByRole('heading', {name: 'Gateways', level: 1}).waitFor();
	await row('branch').waitFor({state: 'detached'});
});

test('by an SSH agent', async () => {
	const socket = await world.do('add_agent');
	await toSshStep(page, gateway);
	await page.getByRole('radio', {name: 'SSH agent'}).check();
	await page.getByText('The host shows the pinned key').waitFor();
	const start = page.locator('footer').getByRole('button', {name: 'Update keystore'});
	assert.equal(await start.isDisabled(), true);
	await field(page, 'Socket of the agent').fill(socket);
	await start.click();
	await result(page, 'The new certificate is served');
	assert.equal(await world.do('served', gateway.name), gateway.new.fingerprint);
});

test('a job is cancelled: what was served stays', async () => {
	const other = await world.do('add_gateway');
	await world.do('hold', other.name, 'checked');
	await toSshStep(page, other);
	await sendSsh(page, other.password);
	await world.do('wait_held', other.name);
	await page.waitForURL(/job=\d+/);
	await page.goto(`/jobs/${new URL(page.url()).searchParams.get('job')}`);
	await button(page, 'Cancel job').click();
	await button(dialog(), 'Cancel job').click();
	await dialog().waitFor({state: 'detached'});
	await world.do('release', other.name);
	await alertOf(page, 'Failed').waitFor();
	await page.getByText('The old keystore is untouched: cancelled').first().waitFor();
	assert.equal(await world.do('served', other.name), other.old.fingerprint);
});

test('the console serves another certificate', async () => {
	const {id, fingerprint} = await create({display_name: 'console', names: '127.0.0.1;localhost'});
	await page.goto('/settings');
	await page.getByLabel('Certificate', {exact: true}).selectOption(String(id));
	await page.getByLabel('Use it even if there are warnings').check();
	await page.locator('section').filter({has: page.getByRole('heading', {name: 'Certificate of this console'})}).last().getByRole('button', {name: 'Save'}).click();
	await page.getByText('The console serves the certificate now').first().waitFor();
	const {hostname, port} = new URL(world.url);
	const seen = await new Promise((go, fail) => {
		const socket = connect({host: hostname, port: Number(port), rejectUnauthorized: false}, () => {
			go(socket.getPeerX509Certificate().fingerprint256.replaceAll(':', '').toLowerCase());
			socket.end();
		}).on('error', fail);
	});
	assert.equal(seen, fingerprint);
	await page.goto('/certificates');
	await row('console').getByText('this console').waitFor();
});

test('settings are kept within their limits', async () => {
	await page.goto('/settings');
	const card = page.locator('section').filter({has: page.getByRole('heading', {name: 'Access', exact: true})}).last();
	await field(card, 'Log out without activity after (minutes)').fill('100000');
	await button(card, 'Save').click();
	await card.getByRole('alert').waitFor();
	await field(card, 'Log out without activity after (minutes)').fill('45');
	await button(card, 'Save').click();
	await page.getByText('The settings were saved').first().waitFor();
	await page.reload();
	await field(card, 'Log out without activity after (minutes)').waitFor();
	assert.equal(await field(card, 'Log out without activity after (minutes)').inputValue(), '45');
	assert.equal((await world.do('call', 'GET', 'settings')).session_idle_s, 2700);
});

test('a user is disabled, comes back, gets a new one-time password, and is deleted', async () => {
	const other = await openPage(browser, world);
	await firstLogIn(other, world, 'grace', ['viewer']);
	const tryLogIn = async (password) => {
		await other.context().clearCookies();
		await other.goto('/');
		await field(other, 'User name').fill('grace');
		await field(other, 'Password').fill(password);
		await button(other, 'Log in').click();
	};
	await page.goto('/users');
	await choose('grace', 'Change roles');
	await dialog().getByLabel('Disabled').check();
	await dialog().getByLabel('Issuer').check();
	await button(dialog(), 'Save').click();
	await row('grace').getByText('disabled').waitFor();
	await tryLogIn(PASSWORD);
	await alertOf(other, 'The user name or the password is wrong.').waitFor();

	await choose('grace', 'Change roles');
	await dialog().getByLabel('Disabled').uncheck();
	await button(dialog(), 'Save').click();
	await row('grace').getByText('active').waitFor();
	assert.deepEqual((await world.do('call', 'GET', 'users/grace')).roles.sort(), ['issuer', 'viewer']);
	await choose('grace', 'New one-time password');
	await button(dialog(), 'New one-time password').click();
	await page.getByRole('dialog', {name: 'One-time password of grace'}).waitFor();
	const once = await dialog().getByRole('textbox').inputValue();
	await button(page, 'I have kept it').click();
	await tryLogIn(once);
	await other.getByRole('heading', {name: 'Choose a password'}).waitFor();
	await other.context().close();

	await choose('grace', 'Delete');
	await button(dialog(), 'Delete').click();
	await row('grace').waitFor({state: 'detached'});
	assert.deepEqual(page.complaints, []);
});
