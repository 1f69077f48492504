// SPDX-License-Identifier: MIT
// Signing in, what each role is shown, and that the server decides: what a page hides is refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityProblems, launch, openPage, screenshot } from './support/browser.mjs';
import { keyOf, startService } from './support/service.mjs';

let service;
let browser;
let job;

before(async () => {
  const callers = [
    { name: 'looker', role: 'viewer' },
    { name: 'sender', role: 'submitter' },
    { name: 'chief', role: 'admin' },
    { name: 'shop', role: 'submitter', users: ['ann', 'ben'] },
  ];
  [service, browser] = await Promise.all([startService({ callers }), launch()]);
  const api = service.api('chief');
  job = await api.submit({ user: 'ann', runAt: new Date(Date.now() + 3_600_000).toISOString() });
  await api.submit({ user: 'zoe', runAt: new Date(Date.now() + 3_600_000).toISOString() });
});

after(async () => {
  await browser?.close();
  await service?.stop();
});

async function signedIn(name, options = {}) {
  const opened = await openPage(browser, { url: service.url, ...options });
  await opened.page.goto('/ui/now');
  await opened.page.getByLabel('API key').fill(keyOf(name));
  await opened.page.getByRole('button', { name: 'Sign in' }).click();
  await opened.page.locator('h1', { hasText: 'Now' }).waitFor();
  return opened;
}

/** The status of a call as a script of the page makes it. */
function statusOf(page, method, path, headers = { 'X-CSRF': '1' }) {
  return page.evaluate(
    async ([how, where, what]) => (await fetch(where, { method: how, headers: what })).status,
    [method, path, headers],
  );
}

test('a key that is not known is refused in words, and nothing of it is kept', async () => {
  const { page, expectNoProblems, close } = await openPage(browser, {
    url: service.url,
    expected: [/401 \(Unauthorized\)/],
  });
  await page.goto('/ui/jobs');
  await page.getByLabel('API key').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').filter({ hasText: 'not known' }).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await screenshot(page, 'sign-in');
  await page.getByLabel('API key').fill(keyOf('chief'));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('h1', { hasText: 'Jobs' }).waitFor();
  assert.ok(page.url().endsWith('/ui/jobs'), 'the page that was asked for is shown');
  const kept = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
  );
  assert.ok(!kept.includes(keyOf('chief')), kept);
  const [cookie] = await page.context().cookies();
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, 'Strict');
  assert.ok(!cookie.value.includes(keyOf('chief')));
  expectNoProblems();
  await close();
});

test('signs that no key has are refused without a call', async () => {
  const { page, expectNoProblems, close } = await openPage(browser, { url: service.url });
  await page.goto('/ui/now');
  await page.getByLabel('API key').fill('stayler_“key”');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').filter({ hasText: 'No key has such letters' }).waitFor();
  expectNoProblems();
  await close();
});

test('a viewer sees jobs and no action, and is refused what the page does not show', async () => {
  const { page, expectNoProblems, close } = await signedIn('looker', {
    expected: [/403 \(Forbidden\)/],
  });
  const navigation = page.getByRole('navigation');
  assert.equal(await navigation.getByRole('link', { name: 'Settings' }).count(), 0);
  assert.equal(await navigation.getByRole('link', { name: 'Try it' }).count(), 0);
  await page.goto(`/ui/jobs/${job.id}`);
  await page.getByRole('heading', { name: 'Why it waits' }).waitFor();
  for (const name of ['Cancel', 'Make it next']) {
    assert.equal(await page.getByRole('button', { name }).count(), 0, name);
  }
  await page.goto('/ui/jobs');
  await page.locator('table.jobs tbody tr').nth(1).waitFor();
  assert.equal(await page.locator('table.jobs input[type=checkbox]').count(), 0);
  await page.goto('/ui/try');
  await page.getByText('This key may not submit jobs').waitFor();
  assert.equal(await statusOf(page, 'DELETE', `/worker/jobs/${job.id}`), 403);
  assert.equal(await statusOf(page, 'POST', `/worker/jobs/${job.id}/process`), 403);
  assert.equal(await statusOf(page, 'POST', '/worker/stop'), 403);
  assert.equal(await statusOf(page, 'GET', '/worker/config'), 403);
  expectNoProblems();
  await close();
});

test('a submitter acts on jobs, and not on the service', async () => {
  const { page, expectNoProblems, close } = await signedIn('sender', {
    expected: [/403 \(Forbidden\)/],
  });
  await page.goto(`/ui/jobs/${job.id}`);
  await page.getByRole('button', { name: 'Cancel' }).waitFor();
  assert.equal(
    await page.getByRole('navigation').getByRole('link', { name: 'Settings' }).count(),
    0,
  );
  await page.goto('/ui/jobs?q=status:failed');
  await page.getByRole('button', { name: 'Retry all' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Drop all' }).count(), 0);
  await page.goto('/ui/now');
  await page.locator('h2', { hasText: 'Types' }).waitFor();
  assert.equal(await page.getByRole('button', { name: /^Pause/ }).count(), 0);
  assert.equal(await statusOf(page, 'POST', '/worker/types/image_conversion/pause'), 403);
  expectNoProblems();
  await close();
});

test('the audit trail is for admins, who filter it; others are told so and asked nothing', async () => {
  for (const name of ['looker', 'sender', 'shop']) {
    const { page, expectNoProblems, close } = await signedIn(name);
    assert.equal(
      await page.getByRole('navigation').getByRole('link', { name: 'Audit' }).count(),
      0,
      name,
    );
    await page.goto('/ui/audit');
    await page.getByText('The audit trail is for admins').waitFor();
    expectNoProblems();
    await close();
  }
  for (const size of ['desktop', 'phone']) {
    const { page, expectNoProblems, close } = await signedIn('chief', { size });
    await page.goto('/ui/audit');
    await page.getByRole('row', { name: /POST \/worker\/jobs/ }).first().waitFor();
    await page.getByText(/The newest is \d+/).waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await screenshot(page, `audit-${size}`, { fullPage: true });
    const [content, room] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      innerWidth,
    ]);
    assert.ok(content <= room, `${content} px of ${room}`);
    await page.getByLabel('Action').fill('POST /worker/session');
    await page.getByLabel('Since').fill('1h');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.waitForURL(/action=POST/);
    await page.getByRole('row', { name: /POST \/worker\/session/ }).first().waitFor();
    assert.equal(await page.getByRole('row', { name: /POST \/images/ }).count(), 0);
    await page.getByRole('button', { name: 'refused', exact: true }).click();
    await page.waitForURL(/outcome=refused/);
    await page.reload();
    assert.equal(await page.getByLabel('Action').inputValue(), 'POST /worker/session');
    await page.getByRole('button', { name: 'All records' }).click();
    await page.getByRole('row', { name: /POST \/worker\/jobs/ }).first().waitFor();
    expectNoProblems();
    await close();
  }
});

test('an admin is shown everything, on a phone too', async () => {
  const { page, expectNoProblems, close } = await signedIn('chief', { size: 'phone' });
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('navigation').getByRole('link', { name: 'Settings' }).click();
  await page.locator('.setting').first().waitFor();
  expectNoProblems();
  await close();
});

test('a key for some users sees theirs alone', async () => {
  const { page, expectNoProblems, close } = await signedIn('shop', {
    expected: [/403 \(Forbidden\)/],
  });
  assert.equal(await page.getByRole('navigation').getByRole('link', { name: 'Money' }).count(), 0);
  await page.goto('/ui/jobs');
  await page.locator('tr', { hasText: job.id.slice(-8) }).waitFor();
  assert.equal(await page.locator('table.jobs tbody tr').count(), 1);
  assert.equal(await page.getByText('zoe').count(), 0);
  assert.equal(await statusOf(page, 'GET', '/worker/jobs?userId=zoe'), 403);
  assert.equal(await statusOf(page, 'GET', '/worker/costs'), 403);
  expectNoProblems();
  await close();
});

test('a key for several users chooses whose dead letters are shown', async () => {
  const api = service.api('chief');
  const options = { prompt: '[[sim:safety]]' };
  const { id } = await api.submit({ user: 'ben', maxRetries: 0, options });
  await api.awaitStatus(id, 'failed');
  const { page, expectNoProblems, close } = await signedIn('shop');
  await page.goto('/ui/dead');
  await page.getByText('No job has failed for good').waitFor();
  await page.getByRole('combobox', { name: 'User' }).selectOption('ben');
  await page.locator('tr', { hasText: id.slice(-8) }).waitFor();
  await page.getByRole('button', { name: 'Retry 1' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Drop' }).count(), 0);
  expectNoProblems();
  await close();
});

test('a key for some users tries a garment on', async () => {
  const { page, expectNoProblems, close } = await signedIn('shop');
  await page.goto('/ui/try');
  await page.getByRole('button', { name: 'Use the samples' }).click();
  await page.getByRole('button', { name: 'Put it on' }).click();
  await page.getByRole('slider').waitFor();
  expectNoProblems();
  await close();
});

test('a call that changes something needs the header that only a script of the page sets', async () => {
  const { page, close } = await signedIn('chief', { expected: [/403 \(Forbidden\)/] });
  assert.equal(await statusOf(page, 'POST', '/worker/types/image_processing/pause', {}), 403);
  assert.equal(await statusOf(page, 'POST', '/worker/types/image_processing/pause'), 200);
  assert.equal(await statusOf(page, 'POST', '/worker/types/image_processing/resume'), 200);
  await close();
});

test('who signs out is asked for a key again, also in the page that was open', async () => {
  const { page, expectNoProblems, close } = await signedIn('chief', {
    expected: [/401 \(Unauthorized\)/],
  });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('API key').waitFor();
  assert.equal(await statusOf(page, 'GET', '/worker/jobs'), 401);
  expectNoProblems();
  await close();
});

test('a page asks for a key again when its stream of events is refused', async () => {
  const { page, expectNoProblems, close } = await signedIn('chief', {
    expected: [/401 \(Unauthorized\)/],
  });
  await page.route('**/worker/events*', (route) => route.fulfill({ status: 401, body: '{}' }));
  await page.goto('/ui/settings');
  await page.getByLabel('API key').waitFor();
  expectNoProblems();
  await close();
});
