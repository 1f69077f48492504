// SPDX-License-Identifier: MIT
// A page that stays open goes on by itself: over a restart of the service, and over its death.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openPage } from './support/browser.mjs';
import { startService } from './support/service.mjs';

let service;
let browser;

before(async () => {
  [service, browser] = await Promise.all([startService(), launch()]);
});

after(async () => {
  await browser?.close();
  await service?.stop();
});

const whileAway = [/ERR_CONNECTION|ERR_EMPTY|ERR_INCOMPLETE|ERR_FAILED|503 \(Service/];

for (const signal of ['SIGTERM', 'SIGKILL']) {
  test(`a page left open over a restart by ${signal} goes on, and misses nothing`, async () => {
    const api = service.api();
    const later = () => new Date(Date.now() + 3_600_000).toISOString();
    const seen = await api.submit({ user: signal, runAt: later() });
    const { page, expectNoProblems, close } = await openPage(browser, {
      url: service.url,
      expected: whileAway,
    });
    await page.goto(`/ui/jobs?q=user:${signal}`);
    await page.locator('.live.is-live').waitFor();
    await page.locator('tr', { hasText: seen.id.slice(-8) }).waitFor();
    await page.evaluate(() => (globalThis.isTheSamePage = true));
    await service.restart(signal);
    // Both happen while the page may not have found the service again.
    const missed = await api.submit({ user: signal, runAt: later() });
    await api.call('DELETE', `/worker/jobs/${seen.id}`);
    await page.locator('.live.is-live').waitFor();
    await page
      .locator('tr', { hasText: seen.id.slice(-8) })
      .locator('.status', { hasText: 'cancelled' })
      .waitFor();
    await page
      .locator('tr', { hasText: missed.id.slice(-8) })
      .or(page.getByText('1 new job'))
      .first()
      .waitFor();
    assert.equal(await page.evaluate(() => globalThis.isTheSamePage), true);
    expectNoProblems();
    await close();
  });
}

test('a page goes on after ten minutes of sleep', async () => {
  const api = service.api();
  const { id } = await api.submit({
    user: 'sleep',
    runAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const { page, expectNoProblems, close } = await openPage(browser, { url: service.url });
  await page.clock.install();
  await page.goto('/ui/jobs?q=user:sleep');
  const row = page.locator('tr', { hasText: id.slice(-8) });
  await row.waitFor();
  await page.locator('.live.is-live').waitFor();
  await page.clock.fastForward('10:00');
  await api.call('DELETE', `/worker/jobs/${id}`);
  await row.locator('.status', { hasText: 'cancelled' }).waitFor();
  await page.locator('.live.is-live').waitFor();
  expectNoProblems();
  await close();
});

test('a page that nobody looks at gives its connection back, and catches up when it is shown', async () => {
  const api = service.api();
  const { id } = await api.submit({
    user: 'hidden',
    runAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const { page, expectNoProblems, close } = await openPage(browser, { url: service.url });
  const show = (isShown) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => !value });
      document.dispatchEvent(new Event('visibilitychange'));
    }, isShown);
  await page.clock.install();
  await page.goto('/ui/jobs?q=user:hidden');
  const row = page.locator('tr', { hasText: id.slice(-8) });
  await row.waitFor();
  await page.locator('.live.is-live').waitFor();
  await show(false);
  await page.clock.fastForward('00:31');
  await page.locator('.live', { hasText: 'Paused' }).waitFor();
  await api.call('DELETE', `/worker/jobs/${id}`);
  await show(true);
  await page.locator('.live.is-live').waitFor();
  await row.locator('.status', { hasText: 'cancelled' }).waitFor();
  expectNoProblems();
  await close();
});

test('what was seen stays, and says how old it is, while the service is away', async () => {
  const { page, close } = await openPage(browser, { url: service.url, expected: whileAway });
  await page.goto('/ui/workers');
  await page.locator('tbody tr').first().waitFor();
  await service.stop();
  await page.getByRole('alert').filter({ hasText: 'does not answer' }).waitFor();
  await page.getByText(/Reconnecting/).waitFor();
  await page.locator('tbody tr').first().waitFor();
  await close();
});
