// SPDX-License-Identifier: MIT
// What a visit costs, as Lighthouse measures it, with a service at work and five more dashboards open:
// first and largest paint, shifts of what is shown, and work that blocks the page. The times are
// printed, for they are the machine's; what does not depend on it is held.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openPage } from './support/browser.mjs';
import { startService } from './support/service.mjs';

const openDashboards = 5;

let service;
let browser;
let api;
let model;
let isOver = false;
let load;

/** Jobs without end, a few at a time. */
async function keepBusy() {
  for (let i = 0; !isOver; i += 1) {
    const { id } = await api.call('POST', '/worker/jobs', {
      type: 'image_conversion',
      conversionId: `busy-${i}`,
      userId: `user-${i % 7}`,
      payload: model.payload,
    });
    if (i % 4 === 3) {
      await api.awaitEnd(id);
    }
  }
}

before(async () => {
  [service, browser] = await Promise.all([startService({ latency: '100ms' }), launch()]);
  api = service.api();
  model = await api.submit({ user: 'ann' });
  const jobs = Array.from({ length: 1000 }, (_, i) => ({
    type: 'image_conversion',
    conversionId: `kept-${i}`,
    userId: `user-${i % 7}`,
    payload: model.payload,
    runAt: new Date(Date.now() + 3_600_000).toISOString(),
  }));
  await api.call('POST', '/worker/jobs/batch', { jobs });
  load = keepBusy();
  for (let i = 0; i < openDashboards; i += 1) {
    const { page } = await openPage(browser, { url: service.url });
    await page.goto('/ui/now');
    await page.locator('.live.is-live').waitFor();
  }
});

after(async () => {
  isOver = true;
  await load?.catch(() => {});
  await browser?.close();
  await service?.stop();
});

/** Keeps what the browser tells of painting, shifts and long tasks from the first moment on. */
function watchFigures() {
  const figures = { largest: 0, shift: 0, blocked: 0, moved: [] };
  globalThis.figures = figures;
  const watch = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
      type,
      buffered: true,
    });
  watch('largest-contentful-paint', ({ startTime }) => (figures.largest = startTime));
  const nameOf = (node) => node?.className || node?.parentElement?.className || node?.nodeName;
  watch('layout-shift', ({ value, hadRecentInput, sources }) => {
    if (!hadRecentInput) {
      figures.shift += value;
      figures.moved.push(`${value.toFixed(3)}: ${sources.map(({ node }) => nameOf(node))}`);
    }
  });
  watch('longtask', ({ duration }) => (figures.blocked += duration - 50));
}

const visits = [
  ['now', '/ui/now', '.plot-area canvas'],
  ['jobs', '/ui/jobs', 'table.jobs tbody tr >> nth=40'],
  ['dead letters', '/ui/dead', '.page-head'],
  ['audit', '/ui/audit', 'tbody tr'],
  ['workers', '/ui/workers', 'tbody tr'],
];

for (const size of ['desktop', 'phone']) {
  test(`a visit moves nothing under the eye, and loads little, on a ${size}`, async (t) => {
    for (const [name, path, mark] of visits) {
      const { page, expectNoProblems, close } = await openPage(browser, { url: service.url, size });
      await page.addInitScript(watchFigures);
      await page.goto(path);
      await page.locator(mark).first().waitFor();
      await page.locator('.live.is-live').waitFor();
      const found = await page.evaluate(() => {
        const [{ responseStart, domContentLoadedEventEnd }] =
          performance.getEntriesByType('navigation');
        const files = performance.getEntriesByType('resource');
        const firstOf = (what) => performance.getEntriesByName(what)[0]?.startTime ?? NaN;
        return {
          ...globalThis.figures,
          first: firstOf('first-contentful-paint'),
          answered: responseStart,
          loaded: domContentLoadedEventEnd,
          bytes: files
            .filter(({ initiatorType }) => initiatorType !== 'img')
            .reduce((sum, { transferSize }) => sum + transferSize, 0),
          list: files.find((each) => each.name.includes('/worker/jobs?'))?.duration ?? null,
          nodes: document.querySelectorAll('*').length,
        };
      });
      const ms = (value) => `${Math.round(value)} ms`;
      t.diagnostic(
        `${name}: first contentful paint ${ms(found.first)}, largest ${ms(found.largest)}, ` +
          `blocked ${ms(found.blocked)}, layout shift ${found.shift.toFixed(3)}, ` +
          `${Math.round(found.bytes / 1000)} KB without pictures, ${found.nodes} elements` +
          (found.list === null ? '' : `, list of jobs ${ms(found.list)}`),
      );
      assert.ok(found.shift < 0.1, `${name}: what is shown shifts: ${found.moved.join('; ')}`);
      assert.ok(found.bytes < 400_000, `${name}: ${found.bytes} bytes`);
      assert.ok(found.nodes < 1500 + 50 * 40, `${name}: ${found.nodes} elements`);
      expectNoProblems();
      await close();
    }
  });
}
