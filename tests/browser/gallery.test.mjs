// SPDX-License-Identifier: MIT
// A service at work, as the README shows it: docs/images is made from these screenshots, of a run
// with GALLERY_SECONDS=300, after which the plots are full.
import { after, before, test } from 'node:test';
import { launch, openPage, screenshot } from './support/browser.mjs';
import { startService } from './support/service.mjs';

let service;
let browser;

const users = ['ann', 'ben', 'chloe', 'dmitri', 'emre', 'fatima'];
const seconds = Number(process.env.GALLERY_SECONDS ?? 0);
const styles = ['casual', 'formal', 'sporty', 'vintage'];

before(async () => {
  const environment = {
    WORKER_MAX_WORKERS: '6',
    WORKER_INSTANCE_NAME: 'staging',
    GEMINI_BUDGET_PER_DAY: '60',
  };
  [service, browser] = await Promise.all([
    startService({ latency: '600ms..1500ms', environment }),
    launch(),
  ]);
});

after(async () => {
  await browser?.close();
  await service?.stop();
});

test('live plots follow a service at work, and a job shows what became of it', async () => {
  const api = service.api();
  const { page, expectNoProblems, close } = await openPage(browser, { url: service.url });
  await page.goto('/ui/now?window=5min');
  await service.failOnce('503', 'Keep the hair');
  const shown = await api.submit({
    user: 'ann',
    options: { style: 'casual', prompt: 'Keep the hair as it is' },
  });
  const jobs = [];
  const begun = Date.now();
  for (let i = 0; i < 40 || Date.now() < begun + seconds * 1000; i += 1) {
    const prompt = `look ${i}.`;
    if (i % 13 === 7) {
      await service.failOnce(i % 2 ? 'safety' : '400', prompt);
    }
    jobs.push(
      await api.submit({
        user: users[i % users.length],
        options: { style: styles[i % styles.length], prompt },
      }),
    );
    // Waves: now and then the queue runs dry.
    const behind = Math.round(12 * (1 + Math.sin(i / 25)));
    const before = jobs[i - behind];
    if (seconds > 0 && before) {
      await api.awaitEnd(before.id);
    }
  }
  await api.awaitEnd(jobs[30].id);
  await page.locator('.plot-area canvas').nth(4).waitFor();
  // The next point of the series tells of what has just ended.
  await page
    .locator('.plot-area[aria-label*="completed: now"]:not([aria-label*="now 0, at most 0. submitted"])')
    .waitFor();
  await screenshot(page, 'readme-now');
  await page.goto('/ui/jobs');
  await page.locator('table.jobs tbody tr').nth(20).waitFor();
  await page.locator('.thumb.is-result img').first().waitFor();
  await screenshot(page, 'readme-jobs');
  await api.awaitStatus(shown.id, 'completed');
  await page.goto(`/ui/jobs/${shown.id}`);
  await page.getByRole('slider').waitFor();
  await page.locator('.attempt').nth(1).waitFor();
  await page.waitForFunction(() =>
    [...document.images].every((image) => image.complete && image.naturalWidth > 0),
  );
  await screenshot(page, 'readme-job', { fullPage: true });
  expectNoProblems();
  await close();
});
