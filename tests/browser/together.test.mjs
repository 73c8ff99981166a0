// Several people and lost connections: nothing is overwritten unseen, nothing is made twice. And the second factor.
import assert from 'node:assert/strict';
import {createHmac} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {after, before, test} from 'node:test';
import {alertOf, brokenRules, button, field, firstLogIn, launch, openPage, PASSWORD, picture, sendSsh, toSshStep, result, World} from './harness.mjs';

let world, browser, page, second;

before(async () => {
	world = await World.start();
	browser = await launch();
	page = await openPage(browser, world);
	await firstLogIn(page, world, 'ada');
	second = await openPage(browser, world);
	await firstLogIn(second, world, 'grace');
});

after(async () => {
	await browser?.close();
	await world?.stop();
});

const edge = {name: 'edge', target: 'nginx', tls: ['127.0.0.1:1'], server_names: ['a.example.com'], ssh: {host: '127.0.0.1', port: 22, user: 'root'}};

/** The next answer to this call is lost on its way; the server has done what it was asked. */
async function loseAnswer(path, isRight = () => true) {
	let isLost = false;
	await page.route(`**/api/v1/${path}`, async (route) => {
		const request = route.request();
		if (isLost || request.method() !== 'POST' || !isRight(request.postDataJSON())) return route.fallback();
		isLost = true;
		await route.fetch();
		return route.abort();
	});
	return () => page.unroute(`**/api/v1/${path}`);
}

test('two people change one gateway: the second learns it, and loses nothing', async () => {
	await world.do('call', 'POST', 'gateways', edge);
	for (const one of [page, second]) {
		await one.goto('/gateways/edge/edit');
		await field(one, 'Server names').waitFor();
	}
	await field(second, 'Server names').fill('a.example.com; b.example.com');
	await field(second, 'Port').fill('2200');
	await button(second, 'Save').click();
	await second.getByRole('heading', {name: 'edge', level: 1}).waitFor();

	await field(page, 'User').fill('operator');
	await field(page, 'Port').fill('2300');
	await button(page, 'Save').click();
	await alertOf(page, 'Somebody else has changed this meanwhile').waitFor();
	assert.equal(await field(page, 'User').inputValue(), 'operator');
	assert.deepEqual(await brokenRules(page), []);
	await button(page, 'Reload and see what changed').click();
	await page.getByText('Server names is now: a.example.com; b.example.com').waitFor();
	await page.getByText('Port is now: 2200. Yours (2300) is kept').waitFor();
	await picture(page, 'changed-meanwhile');
	assert.equal(await field(page, 'User').inputValue(), 'operator');
	assert.deepEqual((await world.do('call', 'GET', 'gateways/edge')).ssh.user, 'root');
	await button(page, 'Save').click();
	await page.getByRole('heading', {name: 'edge', level: 1}).waitFor();
	const {ssh, server_names: names} = await world.do('call', 'GET', 'gateways/edge');
	assert.deepEqual([ssh.user, ssh.port, names], ['operator', 2300, ['a.example.com', 'b.example.com']]);
});

test('what somebody else has changed is not deleted unseen', async () => {
	await page.goto('/gateways/edge');
	await button(page, 'Actions for edge').click();
	await page.getByRole('menuitem', {name: 'Delete'}).click();
	const dialog = page.getByRole('dialog');
	await dialog.waitFor();
	await world.do('call', 'PATCH', 'gateways/edge', {server_names: ['c.example.com']});
	await button(dialog, 'Delete').click();
	await alertOf(dialog, 'Somebody else has changed this meanwhile').waitFor();
	await button(dialog, 'Reload and see what changed').click();
	await dialog.waitFor({state: 'detached'});
	await button(page, 'Actions for edge').click();
	await page.getByRole('menuitem', {name: 'Delete'}).click();
	await button(dialog, 'Delete').click();
	await page.getByRole('heading', {name: 'Gateways', level: 1}).waitFor();
});

test('the answer to a new certificate is lost: another try makes no second one', async () => {
	const forget = await loseAnswer('certificates', (body) => !body.dry_run);
	await page.goto('/certificates/new');
	await field(page, 'Display name').fill('made once');
	await field(page, 'Host names and IP addresses').fill('once.example.com');
	await button(page, 'Create certificate').click();
	await alertOf(page, 'The management server does not answer. It may be restarting.').waitFor();
	await button(page, 'Create certificate').click();
	await page.getByRole('heading', {name: 'made once', level: 1}).waitFor();
	await forget();
	const {items} = await world.do('call', 'GET', 'certificates?q=once');
	assert.equal(items.length, 1);
});

test('two clicks make one gateway', async () => {
	await page.goto('/gateways/new');
	await field(page, 'Name').fill('twice');
	await field(page, 'TLS addresses').fill('127.0.0.1:1');
	await field(page, 'Host').fill('127.0.0.1');
	let calls = 0;
	page.on('request', (request) => (calls += Number(request.method() === 'POST' && request.url().endsWith('/api/v1/gateways'))));
	await button(page, 'Save').dblclick();
	await page.getByRole('heading', {name: 'twice', level: 1}).waitFor();
	assert.equal(calls, 1);
});

test('the answer to an update is lost: another try finds the same job', async () => {
	const gateway = await world.do('add_gateway');
	const forget = await loseAnswer(`gateways/${gateway.name}/keystore-updates`, (body) => !body.dry_run);
	await toSshStep(page, gateway);
	await page.getByRole('list', {name: 'What will be done, line by line'}).getByText('Write a signed proof.').waitFor();
	await sendSsh(page, gateway.password);
	await alertOf(page, 'The management server does not answer. It may be restarting.').waitFor();
	await sendSsh(page, gateway.password);
	await result(page, 'The new certificate is served');
	await forget();
	const {items} = await world.do('call', 'GET', `jobs?gateway=${gateway.name}`);
	assert.equal(items.length, 1);
});

test('a new root waits for a second person, who agrees', async () => {
	await world.do('call', 'PATCH', 'settings', {approve_ca: true});
	await page.goto('/certificates/new?kind=root');
	await field(page, 'Display name').fill('Guarded Root');
	await field(page, 'CA levels below it').fill('1');
	await button(page, 'Create certificate').click();
	await alertOf(page, 'A second person has to agree').waitFor();
	await page.goto('/settings');
	await page.getByText('Another administrator decides').waitFor();
	await second.goto('/settings');
	await button(second, 'Refuse').click();
	await second.getByText('refused', {exact: true}).waitFor();

	await page.goto('/certificates/new?kind=root');
	await field(page, 'Display name').fill('Guarded Root');
	await field(page, 'CA levels below it').fill('1');
	await button(page, 'Create certificate').click();
	await alertOf(page, 'A second person has to agree').waitFor();
	await second.reload();
	await button(second, 'Grant').click();
	await second.getByText('granted', {exact: true}).waitFor();
	await button(page, 'Try again now').click();
	await page.getByRole('heading', {name: 'Guarded Root', level: 1}).waitFor();
	await page.getByText(/path length 1/i).waitFor();
	await world.do('call', 'PATCH', 'settings', {approve_ca: false});
});

/** Codes of RFC 6238, each of a later step than the one before: no step is accepted twice. */
class Authenticator {
	#last = 0;

	constructor(secret) {
		const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
		this.key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
	}

	async code() {
		const now = () => Math.floor(Date.now() / 30000);
		this.#last = Math.max(this.#last + 1, now() - 1);
		while (this.#last > now() + 1) await new Promise((go) => setTimeout(go, 200));
		const counter = Buffer.alloc(8);
		counter.writeBigUInt64BE(BigInt(this.#last));
		const hash = createHmac('sha1', this.key).update(counter).digest();
		return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1000000).padStart(6, '0');
	}
}

async function logInWithCode(code) {
	await button(second, 'User menu of grace').click();
	await second.getByRole('menuitem', {name: 'Sign out', exact: true}).click();
	await field(second, 'User name').fill('grace');
	await field(second, 'Password').fill(PASSWORD);
	await button(second, 'Log in').click();
	await field(second, 'Code').fill(code);
	await button(second, 'Log in').click();
	await second.getByRole('heading', {name: 'Overview', level: 1}).waitFor();
}

test('a second factor: set up, used, replaced by a recovery code, removed', async () => {
	await second.goto('/account');
	const card = second.locator('section').filter({has: second.getByRole('heading', {name: 'Second factor'})}).last();
	await field(card, 'Password').fill('not the password');
	await button(card, 'Set up').click();
	await card.getByRole('alert').getByText('The password is wrong.').waitFor(); // and nobody has to log in again
	assert.equal(await second.getByRole('dialog').count(), 0);
	await field(card, 'Password').fill(PASSWORD);
	await button(card, 'Set up').click();
	await card.getByRole('img', {name: /^QR code/}).waitFor();
	const secret = (await card.getByRole('group', {name: 'Secret of the second factor'}).innerText()).replace(/\s/g, '');
	assert.ok((await card.getByRole('link', {name: 'open it in an app on this device'}).getAttribute('href')).includes(`secret=${secret}`));
	await picture(second, 'second-factor');
	assert.deepEqual(await brokenRules(second), []);

	await field(card, 'Code').fill('000000');
	await button(card, 'Switch on').click();
	await card.getByRole('alert').waitFor();
	const authenticator = new Authenticator(secret);
	await field(card, 'Code').fill(await authenticator.code());
	await button(card, 'Switch on').click();
	const codes = await card.getByRole('list', {name: 'Recovery codes'}).getByRole('listitem').allInnerTexts();
	assert.equal(codes.length, 10);
	assert.equal(await button(card, 'Done').isDisabled(), true);
	await picture(second, 'recovery-codes');
	assert.deepEqual(await brokenRules(second), []);
	const [file] = await Promise.all([second.waitForEvent('download'), button(card, 'Download the codes').click()]);
	assert.deepEqual(readFileSync(await file.path(), 'utf8').trim().split('\n'), codes);
	await second.getByLabel('I have kept these codes where I find them without my phone').check();
	await button(card, 'Done').click();
	await card.getByText('The second factor is on.').waitFor();
	assert.equal(await card.getByRole('list', {name: 'Recovery codes'}).count(), 0);

	await logInWithCode(await authenticator.code());
	await logInWithCode(codes[3]);
	await second.goto('/account');
	await field(card, 'Password').fill(PASSWORD);
	await field(card, 'Code').fill(await authenticator.code());
	await button(card, 'Switch off').click();
	await button(card, 'Set up').waitFor();
	assert.equal((await world.do('call', 'GET', 'users/grace')).totp, false);
	for (const one of [page, second]) assert.deepEqual(one.complaints, []);
});
