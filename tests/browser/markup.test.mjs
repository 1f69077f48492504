// SPDX-License-Identifier: MIT
// What callers and providers say is text, whatever it looks like.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openPage, screenshot } from './support/browser.mjs';
import { asset, startService } from './support/service.mjs';
import { readFileSync } from 'node:fs';

const markup = '<img src=x onerror="globalThis.wasRun=1"><script>globalThis.wasRun=2</script>';
let service;
let browser;
let job;

before(async () => {
  [service, browser] = await Promise.all([startService(), launch()]);
  const api = service.api();
  job = await api.submit({
    user: markup,
    maxRetries: 0,
    options: { style: markup.slice(0, 100), prompt: `${markup} [[sim:502-html]]` },
  });
  await api.awaitStatus(job.id, 'failed');
});

after(async () => {
  await browser?.close();
  await service?.stop();
});

async function expectText(page, where) {
  assert.equal(await page.evaluate(() => globalThis.wasRun), undefined, where);
  assert.equal(await page.locator('img[src="x"], #app script').count(), 0, where);
}

test('markup in users, options and errors is shown as it was written', async () => {
  const { page, expectNoProblems, close } = await openPage(browser, { url: service.url });
  for (const path of ['/ui/jobs', '/ui/dead', `/ui/jobs/${job.id}`, '/ui/now', '/ui/costs']) {
    await page.goto(path);
    await page.locator('h1').waitFor();
    if (path !== '/ui/now' && path !== '/ui/costs') {
      await page.getByText(markup).first().waitFor();
    }
    await expectText(page, path);
  }
  await page.goto(`/ui/jobs/${job.id}`);
  await page.getByText('The job as the API shows it').click();
  await page.locator('.raw pre', { hasText: 'onerror' }).waitFor();
  await expectText(page, 'raw');
  await screenshot(page, 'markup', { fullPage: true });
  expectNoProblems();
  await close();
});

test('markup in filters and in names of files is shown as it was written', async () => {
  const { page, expectNoProblems, close } = await openPage(browser, { url: service.url });
  await page.goto(
    `/ui/jobs?q=${encodeURIComponent(`user:"${markup.replaceAll('"', "'")}" ${markup}`)}`,
  );
  await page.getByText('Not understood').waitFor();
  await expectText(page, 'filter');
  await page.goto('/ui/try');
  const file = {
    name: '<img src=x onerror=wasRun=3>.png',
    mimeType: 'image/png',
    buffer: readFileSync(asset('garment.png')),
  };
  await page.locator('input[type=file]').first().setInputFiles(file);
  await page.getByText('<img src=x onerror=wasRun=3>.png').waitFor();
  await expectText(page, 'file');
  expectNoProblems();
  await close();
});

test('the page may not load, run or send anything but its own', async () => {
  const { page, close } = await openPage(browser, { url: service.url, expected: [/./] });
  const answer = await page.goto('/ui/now');
  const policy = answer.headers()['content-security-policy'];
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ]) {
    assert.ok(policy.includes(part), part);
  }
  assert.equal(answer.headers()['cache-control'], 'no-store');
  const tried = await page.evaluate(() => {
    const attempts = [
      () => {
        document.body.innerHTML = '<b>x</b>';
      },
      () => {
        const script = document.createElement('script');
        script.text = 'globalThis.wasRun=4';
        document.body.append(script);
      },
    ];
    return attempts.map((attempt) => {
      try {
        attempt();
        return 'done';
      } catch (error) {
        return error.name;
      }
    });
  });
  assert.deepEqual(tried, ['TypeError', 'TypeError']);
  assert.equal(await page.evaluate(() => globalThis.wasRun), undefined);
  await close();
});
