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

test('without a page of that name it says so, and leads back', async () => {
  const { page, expectNoProblems, close } = await openPage(browser, { url: service.url });
  await page.goto('/ui/nothing');
  await page.getByText('There is no such page').waitFor();
  await page.getByRole('link', { name: 'To the start' }).click();
  await page.locator('h1', { hasText: 'Now' }).waitFor();
  await page.goto('/');
  await page.waitForURL('**/ui/now');
  expectNoProblems();
  await close();
});
