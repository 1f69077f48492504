// SPDX-License-Identifier: MIT
// Pages of other sites in a real browser: what a signed link and a ticket let them show, and what a
// site that is not allowed is refused, also where its visitor is signed in to the service.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { launch } from './support/browser.mjs';
import { keyOf, startService } from './support/service.mjs';

let service;
let browser;
let api;
let shop;
let evil;

/** An empty page of another site: to a browser, localhost is not 127.0.0.1. */
async function startSite() {
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>a page of another site</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { origin: `http://localhost:${server.address().port}`, stop: () => server.close() };
}

before(async () => {
  [shop, evil] = await Promise.all([startSite(), startSite()]);
  const callers = [{ name: 'chief', role: 'admin' }];
  [service, browser] = await Promise.all([
    startService({ callers, environment: { WORKER_CORS_ORIGINS: shop.origin } }),
    launch(),
  ]);
  api = service.api('chief');
});

after(async () => {
  await browser?.close();
  await service?.stop();
  shop?.stop();
  evil?.stop();
});

async function openSite(site) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(site.origin);
  return page;
}

const absolute = (path) => new URL(path, service.url).href;

/** The width of the picture at that address in the page, 0 where it is not shown. */
function shownWidth(page, url) {
  return page.evaluate((src) => new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(image.naturalWidth);
    image.onerror = () => resolve(0);
    image.src = src;
  }), url);
}

/** The first event of a kind in a stream of events, or "refused". */
function firstEvent(page, url, kind) {
  return page.evaluate(([address, name]) => new Promise((resolve) => {
    const events = new EventSource(address);
    events.addEventListener(name, (event) => resolve(event.data));
    events.onerror = () => resolve('refused');
    setTimeout(() => resolve('silent'), 10_000);
  }), [url, kind]);
}

test('a signed link shows a photo in a page of another site, and the photo without one does not', async () => {
  const job = await api.submit();
  const photo = job.payload.userImageId;
  const { url, thumbnailUrl } = await api.call('POST', `/images/${photo}/links`, {});
  const page = await openSite(shop);
  assert.ok((await shownWidth(page, absolute(url))) > 100);
  assert.ok((await shownWidth(page, absolute(thumbnailUrl))) > 50);
  assert.equal(await shownWidth(page, absolute(`/images/${photo}`)), 0);
  assert.equal(await shownWidth(page, absolute(url.replace(/signature=./, 'signature=!'))), 0);
  await page.context().close();
});

test('a ticket lets an allowed page follow the events, and no other', async () => {
  const { url } = await api.call('POST', '/worker/events/tickets', {});
  const page = await openSite(shop);
  const first = firstEvent(page, absolute(url), 'status');
  const job = await api.submit();
  assert.equal(JSON.parse(await first).jobId, job.id);
  await page.context().close();
  const other = await openSite(evil);
  assert.equal(await firstEvent(other, absolute(url), 'status'), 'refused');
  await other.context().close();
});

test('a script of an allowed page may call with a key, one of another origin may not', async () => {
  const statusOf = (page) => page.evaluate(async ([url, key]) => {
    try {
      return (await fetch(url, { headers: { Authorization: `Bearer ${key}` } })).status;
    } catch {
      return 'refused';
    }
  }, [absolute('/worker/status'), keyOf('chief')]);
  const page = await openSite(shop);
  assert.equal(await statusOf(page), 200);
  await page.context().close();
  const other = await openSite(evil);
  assert.equal(await statusOf(other), 'refused');
  await other.context().close();
});

test('a page of another site changes nothing in the name of its visitor, who is signed in', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(absolute('/ui/now'));
  await page.getByLabel('API key').fill(keyOf('chief'));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('h1', { hasText: 'Now' }).waitFor();

  const visited = await context.newPage();
  await visited.goto(evil.origin);
  const answered = visited.waitForEvent('response', (response) => response.url().endsWith('/worker/stop'));
  await visited.evaluate((action) => {
    const form = Object.assign(document.createElement('form'), { action, method: 'POST' });
    document.body.append(form);
    form.submit();
  }, absolute('/worker/stop'));
  assert.ok([401, 403].includes((await answered).status()));
  await visited.waitForURL('**/worker/stop');
  await visited.goto(evil.origin);
  assert.equal(await visited.evaluate(async (url) => {
    try {
      return (await fetch(url, { method: 'POST', credentials: 'include', headers: { 'X-CSRF': '1' } })).status;
    } catch {
      return 'refused';
    }
  }, absolute('/worker/stop')), 'refused');
  assert.equal((await api.call('GET', '/worker/status')).state, 'running');
  await context.close();
});
