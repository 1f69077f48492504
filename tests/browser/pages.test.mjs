// SPDX-License-Identifier: MIT
// Every page, on a desktop and on a phone, in both themes: it shows what it is for, without an error
// of a script, without anything that the policy forbids, and without what axe finds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityProblems, launch, openPage, screenshot } from './support/browser.mjs';
import { startService } from './support/service.mjs';

let service;
let browser;
let completed;
let failed;

before(async () => {
  [service, browser] = await Promise.all([startService({ latency: '300ms' }), launch()]);
  const api = service.api();
  completed = await api.submit({ user: 'ann', options: { style: 'casual' } });
  failed = await api.submit({ user: 'ben', maxRetries: 0, options: { prompt: '[[sim:safety]]' } });
  await api.submit({ user: 'eve', maxRetries: 0, options: { prompt: '[[sim:503]]' } });
  await api.submit({ user: 'ann', options: { prompt: '[[sim:503 x1]]' } });
  await api.submit({ user: 'zoe', runAt: new Date(Date.now() + 3_600_000).toISOString() });
  await api.awaitStatus(completed.id, 'completed');
  await api.awaitStatus(failed.id, 'failed');
});

after(async () => {
  await browser?.close();
  await service?.stop();
});

const pages = [
  ['now', '/ui/now', 'Now', () => 'text=Jobs a minute'],
  ['jobs', '/ui/jobs', 'Jobs', () => 'table.jobs tbody tr >> nth=4'],
  ['dead-letters', '/ui/dead', 'Dead letters', () => '.group'],
  ['workers', '/ui/workers', 'Workers', () => 'tbody tr'],
  ['tree', '/ui/tree', 'Supervision tree', () => '.actor'],
  ['money', '/ui/costs', 'Money', () => 'text=Spent today'],
  ['settings', '/ui/settings', 'Settings', () => '.setting'],
  ['notifications', '/ui/notifications', 'Notifications', () => 'text=All is delivered'],
  ['audit', '/ui/audit', 'Audit', () => 'tbody tr'],
  ['try', '/ui/try', 'Try it', () => 'text=Drop a photo'],
];

for (const size of ['desktop', 'phone']) {
  for (const theme of ['light', 'dark']) {
    test(`every page is shown on a ${size} in ${theme}, without errors and accessible`, async () => {
      const { page, expectNoProblems, close } = await openPage(browser, {
        url: service.url,
        size,
        theme,
      });
      const all = [
        ...pages,
        ['job', `/ui/jobs/${completed.id}`, 'Job', () => 'text=Attempt 1'],
        ['job-failed', `/ui/jobs/${failed.id}`, 'Job', () => 'text=safety_blocked'],
      ];
      for (const [name, path, title, mark] of all) {
        await page.goto(path);
        await page.locator('h1', { hasText: title }).waitFor();
        await page.locator(mark()).first().waitFor();
        await screenshot(page, `${name}-${size}-${theme}`, { fullPage: size === 'desktop' });
        assert.deepEqual(await accessibilityProblems(page), [], name);
        const [content, screen] = await page.evaluate(() => [
          document.documentElement.scrollWidth,
          innerWidth,
        ]);
        assert.ok(content <= screen, `${name} is ${content} px wide, and the ${size} ${screen}`);
      }
      expectNoProblems();
      await close();
    });
  }
}

test('nothing is cut off or overprinted on a phone', async () => {
  const user = `customer-${'0123456789'.repeat(6)}`;
  await service.api().submit({ user, runAt: new Date(Date.now() + 3_600_000).toISOString() });
  const { page, expectNoProblems, close } = await openPage(browser, {
    url: service.url,
    size: 'phone',
  });
  await page.goto(`/ui/jobs?q=user:${user}`);
  const name = await page.locator('.jobs .user').boundingBox();
  const age = await page.locator('.jobs .cell-age').boundingBox();
  assert.ok(name.x + name.width <= age.x, `${JSON.stringify(name)} ${JSON.stringify(age)}`);
  await page.goto(`/ui/jobs/${completed.id}`);
  const [content, room] = await page
    .getByRole('group', { name: 'Provider calls' })
    .evaluate((table) => [table.scrollWidth, table.clientWidth]);
  assert.ok(content <= room, `the provider calls take ${content} px of ${room}`);
  expectNoProblems();
  await close();
});

test('the whole dashboard is less than 200 KB, and loads nothing from elsewhere', async () => {
  const { page, expectNoProblems, close } = await openPage(browser, { url: service.url });
  const sizes = new Map();
  page.on('response', (answer) => {
    if (new URL(answer.url()).pathname.startsWith('/ui/files/')) {
      sizes.set(answer.url(), Number(answer.headers()['content-length']));
    }
  });
  await page.goto('/ui/try');
  await page.getByRole('button', { name: 'Use the samples' }).click();
  await page.getByAltText('The garment that is chosen').waitFor();
  const sum = [...sizes.values()].reduce((total, each) => total + each, 0);
  assert.ok(sizes.size >= 4 && sum < 200 * 1024, `${sizes.size} files, ${sum} bytes`);
  expectNoProblems();
  await close();
});

test('the first paint waits for no answer of the API', async (t) => {
  const { page, close } = await openPage(browser, { url: service.url });
  await page.route(/\/(worker|health)/, () => {});
  await page.goto('/ui/now');
  await page.getByRole('status', { name: 'Loading' }).waitFor();
  const paint = await page.waitForFunction(
    () => performance.getEntriesByName('first-paint')[0]?.startTime,
  );
  t.diagnostic(`first paint after ${Math.round(await paint.jsonValue())} ms`);
  await close();
});

for (const size of ['desktop', 'phone']) {
  test(`without a page of that name it says so, and leads back, on a ${size}`, async () => {
    const { page, expectNoProblems, close } = await openPage(browser, {
      url: service.url,
      size,
      expected: [/404 \(Not Found\)/],
    });
    for (const path of ['/ui/nothing', '/ui/now/more', '/ui/jobs/1/2/3']) {
      await page.goto(path);
      await page.getByText('There is no such page').waitFor();
      await page.waitForFunction(() => document.title.startsWith('No such page'));
    }
    assert.deepEqual(await accessibilityProblems(page), []);
    await screenshot(page, `no-such-page-${size}`);
    await page.getByRole('link', { name: 'To the start' }).click();
    await page.locator('h1', { hasText: 'Now' }).waitFor();
    expectNoProblems();
    await close();
  });
}

test('a slash behind the name of a page, or nothing at all, leads to a page', async () => {
  const { page, expectNoProblems, close } = await openPage(browser, { url: service.url });
  await page.goto('/ui/now/');
  await page.waitForURL('**/ui/now');
  await page.goto('/');
  await page.waitForURL('**/ui/now');
  expectNoProblems();
  await close();
});

test('the age of the page is right where the clock of the browser is not', async () => {
  const { page, expectNoProblems, close } = await openPage(browser, { url: service.url });
  await page.addInitScript(() => {
    const real = Date.now;
    Date.now = () => real() - 600_000;
  });
  await page.goto('/ui/now');
  await page.locator('.live.is-live').waitFor();
  // The age is told anew by a tick a second: two of them have passed then.
  await page.waitForFunction(
    (start) => Date.now() - start > 2500,
    await page.evaluate(() => Date.now()),
  );
  assert.equal(await page.locator('.live.is-live').count(), 1);
  expectNoProblems();
  await close();
});

test('the line under the header is as long as the page is wide', async () => {
  const { page, expectNoProblems, close } = await openPage(browser, { url: service.url });
  for (const path of ['/ui/now', '/ui/nothing']) {
    await page.goto(path);
    const [end, width] = await page
      .locator('.top')
      .evaluate((line) => [line.getBoundingClientRect().right, innerWidth]);
    // Where there is a scroll bar, the line ends at it.
    const bar = await page.evaluate(() => innerWidth - document.documentElement.offsetWidth);
    assert.equal(end, width - bar, path);
    assert.equal(bar, 0, 'a headless browser draws no scroll bar');
  }
  expectNoProblems();
  await close();
});

test('the user who spent most is no alarm where there is no budget', async () => {
  const { page, expectNoProblems, close } = await openPage(browser, { url: service.url });
  await page.goto('/ui/costs');
  const largest = page.locator('.cell-share .meter').first();
  assert.ok(Number(await largest.getAttribute('aria-valuenow')) > 0);
  assert.equal(await page.locator('.cell-share .tone-bad').count(), 0);
  expectNoProblems();
  await close();
});

test('a job that is not there is named by its id', async () => {
  const { page, close } = await openPage(browser, { url: service.url });
  await page.goto('/ui/jobs/nope');
  await page.waitForFunction(() => document.title.startsWith('Job nope ·'));
  await close();
});

test('what is not known yet is no figure: nothing has taken 0 ms, and a probe is no alarm', async () => {
  const { page, expectNoProblems, close } = await openPage(browser, { url: service.url });
  await page.route('**/worker/events*', () => {});
  await page.route('**/health', async (route) => {
    const answer = await route.fetch();
    const health = await answer.json();
    health.checks.gemini = {
      status: 'degraded',
      message: 'the provider is being probed',
      took: '0s',
    };
    await route.fulfill({ json: health });
  });
  await page.route('**/worker/overview*', async (route) => {
    const answer = await route.fetch();
    const overview = await answer.json();
    overview.stages.total = { count: 0, p50: 0, p90: 0, p99: 0 };
    overview.provider.breaker = 'half_open';
    await route.fulfill({ json: overview });
  });
  await page.goto('/ui/now');
  const figure = page.locator('.figure', { hasText: 'Typical time' });
  await figure.getByText('9 of 10 within –').waitFor();
  assert.ok(!(await figure.textContent()).includes('0 ms'));
  await page.locator('.notice.tone-warn', { hasText: 'half open' }).waitFor();
  assert.equal(await page.getByText('being probed').count(), 0);
  expectNoProblems();
  await close();
});
