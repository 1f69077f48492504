// SPDX-License-Identifier: MIT
// What can be done on the pages, by mouse and by keyboard, and what the addresses keep.
import assert from 'node:assert/strict';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import { accessibilityProblems, launch, openPage, screenshot } from './support/browser.mjs';
import { asset, startService } from './support/service.mjs';

let service;
let browser;
let api;
let opened;
let page;

before(async () => {
  [service, browser] = await Promise.all([
    startService({ environment: { WORKER_MAX_WORKERS: '2' } }),
    launch(),
  ]);
  api = service.api();
});

after(async () => {
  await browser?.close();
  await service?.stop();
});

beforeEach(async () => {
  opened = await openPage(browser, { url: service.url });
  page = opened.page;
});

afterEach(async () => {
  await opened.close();
});

const later = () => new Date(Date.now() + 3_600_000).toISOString();
let number = 0;
/** The provider refuses it once: what has the same prompt would be done. */
const deadLetter = async (user) => {
  const prompt = `${(number += 1)} [[sim:safety x1]]`;
  const { id } = await api.submit({ user, maxRetries: 0, options: { prompt } });
  return api.awaitStatus(id, 'failed');
};

test('two dropped pictures become a result that is compared by a slider', async () => {
  await page.goto('/ui/try');
  await page.locator('input[type=file]').first().setInputFiles(asset('person.jpg'));
  await page.locator('input[type=file]').nth(1).setInputFiles(asset('garment.png'));
  await page.getByLabel('Style').fill('casual');
  await page.getByRole('button', { name: 'Put it on' }).click();
  const slider = page.getByRole('slider', { name: /picture before/ });
  await slider.waitFor();
  await slider.focus();
  await page.keyboard.press('End');
  assert.equal(await slider.getAttribute('aria-valuetext'), '100% before, 0% after');
  await page.keyboard.press('Home');
  assert.equal(await slider.getAttribute('aria-valuetext'), '0% before, 100% after');
  await screenshot(page, 'try-result');
  await page.getByRole('button', { name: 'Side by side' }).click();
  await page.getByAltText('Garment', { exact: true }).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  opened.expectNoProblems();
});

test('a picture that cannot be decoded is refused in the words of the API', async () => {
  opened = await openPage(browser, { url: service.url, expected: [/415 \(Unsupported/] });
  page = opened.page;
  await page.goto('/ui/try');
  const file = { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('%PDF-1.4 notes') };
  await page.locator('input[type=file]').first().setInputFiles(file);
  await page.locator('input[type=file]').nth(1).setInputFiles(asset('garment.png'));
  await page.getByRole('button', { name: 'Put it on' }).click();
  await page.getByRole('alert').filter({ hasText: /PDF/ }).waitFor();
  opened.expectNoProblems();
});

test('a waiting job says why it waits, is made the next, and is cancelled', async () => {
  const { id } = await api.submit({ user: 'ann', runAt: later() });
  await page.goto(`/ui/jobs/${id}`);
  await page.getByRole('heading', { name: 'Why it waits' }).waitFor();
  await page.getByText('Its start time').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('It is cancelled').waitFor();
  await page.locator('.page-head .status', { hasText: 'cancelled' }).waitFor();
  assert.equal((await api.call('GET', `/worker/jobs/${id}`)).status, 'cancelled');
  const next = await api.submit({ user: 'ann', runAt: later() });
  await page.goto(`/ui/jobs/${next.id}`);
  await page.getByRole('button', { name: 'Make it next' }).click();
  await page.locator('.page-head .status', { hasText: 'completed' }).waitFor();
  opened.expectNoProblems();
});

test('a dead letter is retried from its page, and is run again with other options', async () => {
  const { id } = await deadLetter('ann');
  await page.goto(`/ui/jobs/${id}`);
  await page.getByRole('button', { name: 'Retry' }).click();
  await page.locator('.page-head .status', { hasText: 'completed' }).waitFor();
  await page.getByRole('link', { name: 'Change and run' }).click();
  await page.getByAltText('The person that is chosen').waitFor();
  await page.getByLabel('Prompt').fill('a linen suit');
  await page.getByRole('button', { name: 'Put it on' }).click();
  await page.getByRole('slider').waitFor();
  opened.expectNoProblems();
});

test('bulk retry shows what it would do and cost, and does just that', async () => {
  const dead = await Promise.all([deadLetter('bulk'), deadLetter('bulk'), deadLetter('other')]);
  const lists = new Set();
  page.on('request', (request) => request.url().includes('/worker/jobs?') && lists.add(request));
  await page.goto('/ui/jobs?q=status:failed user:bulk since:1h');
  await page.locator('table.jobs tbody tr').nth(1).waitFor();
  await page.getByRole('button', { name: 'Retry all' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('2 failed').waitFor();
  await dialog.getByText(/At most \$\d+\.\d+, if every attempt makes a call/).waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await screenshot(page, 'bulk-preview');
  await dialog.getByRole('button', { name: /^Retry 2: (about|at most) \$\d+\.\d+$/ }).click();
  await dialog.getByRole('timer').waitFor();
  assert.deepEqual(await accessibilityProblems(page), []);
  await screenshot(page, 'bulk-countdown');
  await dialog.getByRole('button', { name: 'Start now' }).click();
  await dialog.getByText('2 of 2 retried').waitFor();
  await dialog.getByRole('button', { name: 'Done' }).click();
  const [first, , other] = await Promise.all(
    dead.map(({ id }) => api.call('GET', `/worker/jobs/${id}`)),
  );
  assert.notEqual(first.status, 'failed');
  assert.equal(other.status, 'failed');
  assert.ok(lists.size < 5, `a time before now is asked for once, not ${lists.size} times`);
  opened.expectNoProblems();
});

test('what was confirmed is undone in ten seconds, and begins by itself after them', async () => {
  const { id } = await deadLetter('undone');
  await page.clock.install();
  await page.goto('/ui/jobs?q=status:failed user:undone');
  await page.locator('table.jobs tbody tr').first().waitFor();
  await page.getByRole('button', { name: 'Retry all' }).click();
  const dialog = page.getByRole('dialog');
  const retry = dialog.getByRole('button', { name: 'Retry 1' });
  await retry.click();
  await page.clock.runFor(9000);
  await dialog.getByRole('timer').getByText('1', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Undo' }).click();
  await page.clock.runFor(20_000);
  await retry.waitFor();
  assert.equal((await api.call('GET', `/worker/jobs/${id}`)).status, 'failed');
  await retry.click();
  await page.clock.runFor(10_500);
  await dialog.getByText(/of 1 retried/).waitFor();
  opened.expectNoProblems();
});

test('an action on many jobs keeps to the rate that is asked for', async () => {
  await Promise.all([1, 2].map(() => api.submit({ user: 'rate', runAt: later() })));
  await page.goto('/ui/jobs?q=user:rate status:scheduled');
  await page.locator('table.jobs tbody tr').nth(1).waitFor();
  await page.getByRole('button', { name: 'Cancel all' }).click();
  const dialog = page.getByRole('dialog');
  const cancel = dialog.getByRole('button', { name: 'Cancel 2' });
  await dialog.getByLabel('Jobs a minute').fill('0');
  assert.ok(await cancel.isDisabled());
  await dialog.getByLabel('Jobs a minute').fill('1');
  await cancel.click();
  const [sent] = await Promise.all([
    page.waitForRequest((request) => request.url().endsWith('/worker/jobs/bulk')),
    dialog.getByRole('button', { name: 'Start now' }).click(),
  ]);
  assert.equal(sent.postDataJSON().ratePerMinute, 1);
  await dialog.getByRole('button', { name: 'Stop' }).click();
  await dialog.getByText('then stopped').waitFor();
  opened.expectNoProblems();
});

test('all of a status are acted on where nothing else is chosen', async () => {
  const { id } = await deadLetter('status');
  await page.goto('/ui/jobs?q=status:failed');
  await page.locator('table.jobs tbody tr').first().waitFor();
  await page.getByRole('button', { name: 'Retry all' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /^Retry [1-9]/ }).click();
  await dialog.getByRole('button', { name: 'Start now' }).click();
  await dialog.getByText(/(\d+) of \1 retried/).waitFor();
  assert.notEqual((await api.call('GET', `/worker/jobs/${id}`)).status, 'failed');
  opened.expectNoProblems();
});

test('an action on many jobs is found again after its dialog is left, and is stopped', async () => {
  await Promise.all([1, 2].map(() => api.submit({ user: 'slow', runAt: later() })));
  const order = { action: 'cancel', filter: { userId: 'slow' } };
  const { token } = await api.call('POST', '/worker/jobs/bulk', { ...order, dryRun: true });
  const { id } = await api.call('POST', '/worker/jobs/bulk', { ...order, token, ratePerMinute: 1 });
  await page.goto('/ui/jobs');
  const running = page.getByRole('group', { name: 'Operation cancel' });
  await running.getByRole('button', { name: 'Stop' }).click();
  await running.waitFor({ state: 'detached' });
  assert.equal((await api.call('GET', `/worker/operations/${id}`)).state, 'stopped');
  opened.expectNoProblems();
});

test('what is not understood in a filter is named, and nothing is done to all that match', async () => {
  await deadLetter('typo');
  for (const [place, words] of [
    ['jobs', 'status:failed since:1hour'],
    ['jobs', 'status:failed user:typo user:ann'],
    ['dead', 'before:99999999999d'],
  ]) {
    await page.goto(`/ui/${place}?q=${words}`);
    const named = words.split(' ').at(-1);
    await page.getByRole('alert').filter({ hasText: named }).waitFor();
    await page.locator('table.jobs tbody tr').first().waitFor();
    assert.equal(await page.getByRole('button', { name: /^(Retry|Drop) / }).count(), 0, words);
  }
  opened.expectNoProblems();
});

test('the jobs of a user are found, whatever signs the id has', async () => {
  await api.submit({ user: 'quoted', runAt: later() });
  for (const user of ['"quoted"', 'quoted \\ "twice"']) {
    const { id } = await api.submit({ user, runAt: later() });
    await page.goto(`/ui/jobs/${id}`);
    await page.locator('.page-head').getByRole('link', { name: user }).click();
    await page.locator('tr', { hasText: id.slice(-8) }).waitFor();
    assert.equal(await page.locator('table.jobs tbody tr').count(), 1);
  }
  opened.expectNoProblems();
});

test('dead letters are grouped by cause, and a group is dropped', async () => {
  await deadLetter('group');
  await page.goto('/ui/dead?q=user:group');
  const group = page.locator('.group', { hasText: 'safety_blocked' });
  await group.getByRole('button', { name: 'Drop' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Drop 1' }).click();
  await dialog.getByRole('button', { name: 'Start now' }).click();
  await dialog.getByText('1 of 1 dropped').waitFor();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByText('No job has failed for good').waitFor();
  opened.expectNoProblems();
});

test('chosen rows are cancelled, and the others stay', async () => {
  const [one, two] = await Promise.all([
    api.submit({ user: 'rows', runAt: later() }),
    api.submit({ user: 'rows', runAt: later() }),
  ]);
  await page.goto('/ui/jobs?q=user:rows');
  await page.getByLabel(`Choose job ${one.id}`).check();
  await page.getByRole('button', { name: 'Cancel 1' }).click();
  await page
    .locator('tr', { hasText: one.id.slice(-8) })
    .locator('.status', { hasText: 'cancelled' })
    .waitFor();
  assert.equal((await api.call('GET', `/worker/jobs/${two.id}`)).status, 'scheduled');
  opened.expectNoProblems();
});

test('a setting is shown beside what it becomes before it is applied', async () => {
  await page.goto('/ui/settings');
  await page.getByLabel('WORKER_MAX_WORKERS').fill('3');
  await page.getByRole('button', { name: 'Review 1 change' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('del', { hasText: '2' }).waitFor();
  await dialog.locator('ins', { hasText: '3' }).waitFor();
  await screenshot(page, 'settings-diff');
  await dialog.getByRole('button', { name: 'Apply 1 change' }).click();
  await page.getByText('The changes hold').waitFor();
  assert.equal((await api.call('GET', '/worker/config')).maxWorkers, 3);
  opened.expectNoProblems();
});

test('a setting out of range is refused beside its field, and nothing is applied', async () => {
  opened = await openPage(browser, { url: service.url, expected: [/400 \(Bad Request\)/] });
  page = opened.page;
  await page.goto('/ui/settings');
  await page.getByLabel('WORKER_MAX_WORKERS').fill('-1');
  await page.getByRole('button', { name: 'Review 1 change' }).click();
  await page.locator('.setting', { hasText: 'WORKER_MAX_WORKERS' }).locator('.tone-bad').waitFor();
  await page
    .getByRole('alert')
    .filter({ hasText: /^WORKER_MAX_WORKERS / })
    .waitFor();
  opened.expectNoProblems();
});

test('what is not applied yet stays while another page is looked at', async () => {
  await page.goto('/ui/settings');
  await page.getByLabel('WORKER_MAX_WORKERS').fill('7');
  const navigation = page.getByRole('navigation');
  await navigation.getByRole('link', { name: 'Money' }).click();
  await page.locator('h1', { hasText: 'Money' }).waitFor();
  await navigation.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Review 1 change' }).waitFor();
  assert.equal(await page.getByLabel('WORKER_MAX_WORKERS').inputValue(), '7');
  opened.expectNoProblems();
});

test('a type is paused for a time and a reason, and is resumed, by keyboard', async () => {
  await page.goto('/ui/now');
  const row = page.locator('tr', { hasText: 'image processing' });
  const pause = row.getByRole('button', { name: 'Pause image processing' });
  await pause.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Pause image processing' });
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.ok(await pause.evaluate((button) => button === document.activeElement));
  await page.keyboard.press('Enter');
  await dialog.getByLabel('For how long').selectOption('1 hour');
  await dialog.getByLabel('Why').fill('switching <b>keys</b>');
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await accessibilityProblems(page), []);
    await screenshot(page, `pause-dialog-${colorScheme}`);
  }
  await dialog.getByLabel('Why').press('Enter');
  await dialog.waitFor({ state: 'detached' });
  const banner = page.locator('.notice', {
    hasText: /^Jobs of type image processing are paused, and go on by themselves in .*switching <b>keys<\/b>/,
  });
  await banner.waitFor();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await accessibilityProblems(page), []);
    await banner.scrollIntoViewIfNeeded();
    await screenshot(page, `paused-${colorScheme}`);
  }
  const { pauses } = await api.call('GET', '/worker/status');
  // The end is counted from when it was asked for, a moment before the pause began.
  const lasts = Date.parse(pauses[0].until) - Date.parse(pauses[0].since);
  assert.ok(lasts > 3_590_000 && lasts <= 3_600_000, `${lasts} ms`);
  await banner.getByRole('button', { name: 'Resume image processing' }).click();
  await pause.waitFor();
  await banner.waitFor({ state: 'detached' });
  opened.expectNoProblems();
});

test('a pause without an end and a reason is one, too', async () => {
  await page.goto('/ui/now');
  const row = page.locator('tr', { hasText: 'image processing' });
  await row.getByRole('button', { name: 'Pause image processing' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('For how long').selectOption('Until somebody resumes it');
  await dialog.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByText('Jobs of type image processing are paused.').waitFor();
  await row.getByRole('button', { name: 'Resume image processing' }).click();
  await row.getByRole('button', { name: 'Pause image processing' }).waitFor();
  opened.expectNoProblems();
});

test('a job runs again as a new one that leads back to it', async () => {
  const { id } = await deadLetter('ann');
  await page.goto(`/ui/jobs/${id}`);
  await page.getByRole('button', { name: 'Run again' }).click();
  await page.waitForURL((url) => /\/ui\/jobs\/[0-9a-f-]{36}$/.test(url.pathname) && !url.pathname.endsWith(id));
  await page.locator('.page-head .status', { hasText: 'completed' }).waitFor();
  await screenshot(page, 'rerun');
  assert.deepEqual(await accessibilityProblems(page), []);
  await page.locator('.facts').getByRole('link', { name: id.slice(-8) }).click();
  await page.waitForURL((url) => url.pathname.endsWith(id));
  await page.locator('.page-head .status', { hasText: 'failed' }).waitFor();
  opened.expectNoProblems();
});

test('a view is its address: filter, reload, back and a pasted id', async () => {
  const { id } = await deadLetter('url');
  await page.goto('/ui/jobs');
  await page.getByRole('button', { name: 'failed', exact: true }).click();
  await page.waitForURL(/q=status%3Afailed/);
  await page.reload();
  assert.equal(
    await page.getByRole('button', { name: 'failed', exact: true }).getAttribute('aria-pressed'),
    'true',
  );
  const search = page.getByRole('searchbox', { name: 'Find jobs' });
  await search.fill(id);
  await search.press('Enter');
  await page.waitForURL(`**/ui/jobs/${id}`);
  await page.goBack();
  await page.waitForURL(/q=status%3Afailed/);
  await search.fill('user:url');
  await search.press('Enter');
  await page.locator('table.jobs tbody tr').first().waitFor();
  assert.equal(await page.locator('table.jobs tbody tr').count(), 1);
  await search.fill(id.slice(0, 13));
  await search.press('Enter');
  await page.locator('tr', { hasText: id.slice(-8) }).waitFor();
  opened.expectNoProblems();
});

test('everything is reached by keyboard alone', async () => {
  await deadLetter('keys');
  await page.goto('/ui/now');
  await page.locator('h1', { hasText: 'Now' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('j');
  await page.locator('table.jobs tbody tr').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.getByText('1 chosen').waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/ui\/jobs\/[0-9a-f-]{36}$/);
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'Keys' });
  await dialog.getByLabel('Keys without Ctrl or Alt do something').uncheck();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await page.keyboard.press('/');
  assert.notEqual(
    await page.evaluate(() => document.activeElement?.getAttribute('type')),
    'search',
  );
  opened.expectNoProblems();
});

test('what has the focus is opened by Enter, also beside a list with keys of its own', async () => {
  const { id } = await deadLetter('focus');
  await page.goto('/ui/jobs?q=user:focus');
  await page.getByRole('link', { name: id.slice(-8) }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/ui/jobs/${id}`);
  opened.expectNoProblems();
});

test('a panel that cannot be loaded says so, and the others stay', async () => {
  opened = await openPage(browser, { url: service.url, expected: [/503 \(Service/] });
  page = opened.page;
  const away = {
    status: 503,
    contentType: 'application/problem+json',
    body: '{"title":"Service Unavailable","detail":"the workers are being restarted"}',
  };
  await page.route('**/worker/workers', (route) => route.fulfill(away));
  await page.goto('/ui/now');
  await page.getByRole('alert').filter({ hasText: 'The workers are being restarted.' }).waitFor();
  await page.locator('.figure', { hasText: 'Completed' }).waitFor();
  await page.unroute('**/worker/workers');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.slot').first().waitFor();
  opened.expectNoProblems();
});

test('new jobs are counted until they are asked for, and rows change where they are', async () => {
  const waiting = await api.submit({ user: 'live', runAt: later() });
  await page.goto('/ui/jobs?q=user:live');
  const row = page.locator('tr', { hasText: waiting.id.slice(-8) });
  await row.waitFor();
  await page.locator('.live.is-live').waitFor();
  const fresh = await api.submit({ user: 'live', runAt: later() });
  await page.getByRole('button', { name: 'Show 1 new job' }).waitFor();
  assert.equal(await page.locator('table.jobs tbody tr').count(), 1);
  await api.call('DELETE', `/worker/jobs/${waiting.id}`);
  await row.locator('.status', { hasText: 'cancelled' }).waitFor();
  await page.getByRole('button', { name: 'Show 1 new job' }).click();
  await page.locator('tr', { hasText: fresh.id.slice(-8) }).waitFor();
  opened.expectNoProblems();
});
