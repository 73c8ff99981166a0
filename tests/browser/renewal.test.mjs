// The renewal, from a certificate that wants a successor to the proof, and everything that can stop it.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, before, test} from 'node:test';
import {alertOf, button, field, firstLogIn, launch, logIn, openPage, PASSWORD, picture, result, sendSsh, toSshStep, World} from './harness.mjs';

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

// The first one: what the other tests leave behind could be used here.
test('no usable certificate: each with its reason, and the way to a successor', async () => {
	const gateway = await world.do('add_gateway');
	await world.do('call', 'DELETE', `certificates/${gateway.new.id}`);
	await page.goto(`/gateways/${gateway.name}/update-keystore`);
	await button(page, 'Next').click();
	await alertOf(page, 'No certificate can be used').waitFor();
	await page.getByText('(same-certificate)').waitFor();
	await picture(page, 'wizard-none-usable');
	assert.equal(await button(page, 'Next').isDisabled(), true);
	await page.getByRole('link', {name: 'Create a successor of the certificate in use'}).click();
	await field(page, 'Valid until').fill('2028-06-30');
	await button(page, 'Create certificate').click();
	await page.waitForURL(/update-keystore\?certificate=\d+$/);
	await button(page, 'Next').click();
	assert.equal(await page.getByRole('radio').first().isChecked(), true);
});

test('a successor is made from the tree, and renews the gateway', async () => {
	const gateway = await world.do('add_gateway');
	await page.goto('/certificates');
	await button(page, `Actions for ${gateway.old.display_name}`).click();
	await page.getByRole('menuitem', {name: 'Renew', exact: true}).click();
	assert.equal(await field(page, 'Host names and IP addresses').inputValue(), gateway.old.names.join(';'));
	await field(page, 'Display name').fill('Test Root');
	await page.getByText("want a display name that differs from the root's").waitFor();
	await field(page, 'Display name').fill('edge successor');
	await field(page, 'Valid until').fill('2028-06-30');
	await button(page, 'Create certificate').click();
	await page.getByRole('heading', {name: 'edge successor', level: 1}).waitFor();
	const created = Number(page.url().split('/').pop());

	await toSshStep(page, {...gateway, new: {display_name: 'edge successor'}});
	await page.getByText(gateway.hostKey, {exact: true}).waitFor();
	await picture(page, 'wizard-ssh');
	await sendSsh(page, gateway.password);
	await result(page, 'The new certificate is served');
	await picture(page, 'wizard-result');
	const {fingerprint} = await world.do('call', 'GET', `certificates/${created}`);
	assert.equal(await world.do('served', gateway.name), fingerprint);

	const [file] = await Promise.all([page.waitForEvent('download'), button(page, 'Download the proof').click()]);
	const proof = JSON.parse(readFileSync(await file.path(), 'utf8'));
	assert.deepEqual(Object.keys(proof).sort(), ['payload', 'protected', 'signature']);
	await page.reload();
	await result(page, 'The new certificate is served');
	await button(page, 'Finish').click();
	await page.getByRole('heading', {name: gateway.name, level: 1}).waitFor();
	await page.goto('/certificates');
	const row = (name) => page.getByRole('row', {name: new RegExp(name)});
	await row('edge successor').getByRole('link', {name: gateway.name}).waitFor();
	assert.match(await row(gateway.old.display_name).innerText(), /not used/);
	assert.deepEqual(page.complaints, []);
});

test('an earlier keystore comes back from the page of the gateway', async () => {
	const gateway = await world.do('add_gateway');
	for (const name of [gateway.new.display_name, 'third']) {
		if (name === 'third') await world.do('call', 'POST', 'certificates', {renews: gateway.new.id, display_name: name, not_after: '2029-01-01T00:00:00Z'});
		await toSshStep(page, {...gateway, new: {display_name: name}});
		await sendSsh(page, gateway.password);
		await result(page, 'The new certificate is served');
	}
	await page.goto(`/gateways/${gateway.name}`);
	await page.getByRole('row', {name: new RegExp(gateway.new.display_name)}).getByRole('button', {name: 'Roll back to this'}).click();
	await page.getByRole('dialog').getByRole('textbox', {name: 'Password'}).fill(gateway.password);
	await page.getByRole('dialog').getByText('The host shows the pinned key').waitFor();
	await page.getByRole('dialog').getByText(new RegExp(`^${gateway.new.display_name} .*becomes the current one again`)).waitFor();
	await page.getByRole('dialog').getByRole('button', {name: 'Roll back to this'}).click();
	await alertOf(page, 'The earlier certificate is served again').waitFor();
	assert.equal(await page.getByText('The new certificate is served').count(), 0);
	assert.equal(await world.do('served', gateway.name), gateway.new.fingerprint);
});

test('a wrong password: said in words, nothing changed, tried again with the right one', async () => {
	const gateway = await world.do('add_gateway');
	await toSshStep(page, gateway);
	await sendSsh(page, 'not the password');
	await result(page, 'Failed');
	await page.getByText(/wrong password/i).first().waitFor();
	await picture(page, 'wizard-wrong-password');
	assert.equal(await world.do('served', gateway.name), gateway.old.fingerprint);
	await button(page, 'Try again').click();
	await page.getByRole('heading', {name: 'SSH access', level: 2}).waitFor(); // nothing has to be chosen again
	await sendSsh(page, gateway.password);
	await result(page, 'The new certificate is served');
	assert.equal(await world.do('served', gateway.name), gateway.new.fingerprint);
});

test('by a private key, and by the keyboard alone', async () => {
	const gateway = await world.do('add_gateway');
	const press = async (...keys) => {
		for (const key of keys) await page.keyboard.press(key);
	};
	const tabTo = async (what) => {
		for (let i = 0; i < 60; i++) {
			if (await what.evaluate((element) => element === document.activeElement)) return;
			await press('Tab');
		}
		assert.fail(`Tab never comes to ${what}`);
	};
	await page.goto(`/gateways/${gateway.name}`);
	await page.getByRole('heading', {name: 'What is served'}).waitFor();
	await tabTo(button(page, 'Update keystore'));
	await press('Enter');
	await page.getByRole('heading', {name: 'Gateway', level: 2}).waitFor();
	await tabTo(button(page, 'Next'));
	await press('Enter');
	await tabTo(page.getByRole('radio', {name: new RegExp(gateway.new.display_name)}));
	await press('Space');
	await tabTo(button(page, 'Next'));
	await press('Enter');
	await tabTo(page.getByRole('radio', {name: 'Password'}));
	await press('ArrowDown');
	const chosen = page.waitForEvent('filechooser'); // what it takes to see one is there before the key
	await tabTo(button(page, 'Browse'));
	await press('Enter');
	const chooser = await chosen;
	await chooser.setFiles(gateway.keyFile);
	await page.getByText('The host shows the pinned key').waitFor();
	await tabTo(page.locator('footer').getByRole('button', {name: 'Update keystore'}));
	await press('Enter');
	await result(page, 'The new certificate is served');
	await tabTo(button(page, 'Finish'));
	await press('Enter');
	await page.getByRole('heading', {name: gateway.name, level: 1}).waitFor();
});

test('the session ends while a job runs: log in again, and the job is still there', async () => {
	const gateway = await world.do('add_gateway');
	await world.do('hold', gateway.name, 'probing');
	await toSshStep(page, gateway);
	await sendSsh(page, gateway.password);
	await world.do('wait_held', gateway.name);
	await page.waitForURL(/job=\d+/);

	const other = await openPage(browser, world);
	await logIn(other, 'ada');
	await button(other, 'User menu of ada').click();
	await other.getByRole('menuitem', {name: 'Sign out everywhere'}).click();
	await button(other, 'Log in').waitFor();
	await other.context().close();

	await page.reload();
	await button(page, 'Log in').waitFor();
	await field(page, 'User name').fill('ada');
	await field(page, 'Password').fill(PASSWORD);
	await button(page, 'Log in').click();
	await page.getByRole('heading', {name: 'Progress', level: 2}).waitFor();
	await world.do('release', gateway.name);
	await result(page, 'The new certificate is served');
});

test('the session ends while somebody types: log in in a dialog, and nothing typed is lost', async () => {
	const gateway = await world.do('add_gateway');
	await toSshStep(page, gateway);
	await page.getByText('The host shows the pinned key').waitFor();
	await page.getByRole('textbox', {name: 'Password'}).fill(gateway.password);
	await page.context().clearCookies();
	await page.locator('footer').getByRole('button', {name: 'Update keystore'}).click();
	const dialog = page.getByRole('dialog', {name: 'Your session has ended'});
	await dialog.waitFor();
	await picture(page, 'session-ended');
	await field(dialog, 'Password').fill(PASSWORD);
	await dialog.getByRole('button', {name: 'Log in', exact: true}).click();
	await result(page, 'The new certificate is served');
	assert.equal(await world.do('served', gateway.name), gateway.new.fingerprint);
});

test('the manager is killed in the middle and comes back: the page says so and shows the end', async () => {
	const gateway = await world.do('add_gateway');
	await world.do('hold', gateway.name, 'checked');
	await toSshStep(page, gateway);
	await sendSsh(page, gateway.password);
	await world.do('wait_held', gateway.name);
	await world.do('kill');
	await page.getByText(/The connection to the management server is away/).waitFor();
	await picture(page, 'manager-away');
	await world.do('release', gateway.name);
	await world.do('start');
	await page.getByRole('heading', {name: 'Result', level: 2}).waitFor({timeout: 200000});
	const served = await world.do('served', gateway.name);
	assert.ok([gateway.old.fingerprint, gateway.new.fingerprint].includes(served));
	await picture(page, 'manager-back');
});

test('two people at once: the second sees that a job works on it, and follows it', async () => {
	const gateway = await world.do('add_gateway');
	const second = await openPage(browser, world);
	await firstLogIn(second, world, 'grace', ['deployer']);
	await toSshStep(second, gateway);
	await second.getByRole('textbox', {name: 'Password'}).fill(gateway.password);
	await second.getByText('The host shows the pinned key').waitFor();

	await world.do('hold', gateway.name, 'switched');
	await toSshStep(page, gateway);
	await sendSsh(page, gateway.password);
	await world.do('wait_held', gateway.name);
	await second.locator('footer').getByRole('button', {name: 'Update keystore'}).click();
	await second.getByText('Nothing was changed').waitFor();
	await picture(second, 'two-people');
	await second.goto(`/gateways/${gateway.name}/update-keystore`);
	await second.getByText('A job already works on this gateway').waitFor();
	await second.getByRole('link', {name: /^Job \d+$/}).click();
	await world.do('release', gateway.name);
	await Promise.all([result(page, 'The new certificate is served'), result(second, 'The new certificate is served')]);
	await second.context().close();
});

test('a host key that nobody has compared yet: not before it was', async () => {
	const gateway = await world.do('add_gateway');
	await world.do('unpin', gateway.name);
	await toSshStep(page, gateway);
	await page.getByRole('textbox', {name: 'Password'}).fill(gateway.password);
	await page.getByText(gateway.hostKey, {exact: true}).waitFor();
	const start = page.locator('footer').getByRole('button', {name: 'Update keystore'});
	assert.equal(await start.isDisabled(), true);
	await picture(page, 'host-key-new');
	await page.getByLabel('I have compared the fingerprint with the one on the host').check();
	await start.click();
	await result(page, 'The new certificate is served');
});

test('a changed host key stops everything', async () => {
	const gateway = await world.do('add_gateway');
	const changed = await world.do('change_host_key');
	await toSshStep(page, gateway);
	await page.getByRole('textbox', {name: 'Password'}).fill(gateway.password);
	await page.getByText('The host shows another key than the pinned one').waitFor();
	await page.getByText(changed, {exact: true}).waitFor();
	await page.getByText(gateway.hostKey, {exact: true}).waitFor();
	assert.equal(await page.locator('footer').getByRole('button', {name: 'Update keystore'}).isDisabled(), true);
	await picture(page, 'host-key-changed');
	assert.deepEqual(page.complaints, []);
});
