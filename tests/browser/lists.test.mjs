// SPDX-License-Identifier: MIT
// Ways through lists of jobs: back to the place that was left, from one job to the next, and to filters
// that were saved, on a desktop and on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityProblems, launch, openPage, screenshot } from './support/browser.mjs';
import { startService } from './support/service.mjs';

let service;
let browser;
let api;
/** All of user "many", the newest first. */
let ids;

const later = () => new Date(Date.now() + 3_600_000).toISOString();

before(async () => {
  [service, browser] = await Promise.all([startService(), launch()]);
  api = service.api();
  const model = await api.submit({ user: 'many', runAt: later() });
  const jobs = Array.from({ length: 129 }, (_, i) => ({
    type: 'image_conversion',
    conversionId: `many-${i}`,
    userId: 'many',
    payload: model.payload,
    runAt: later(),
  }));
  const { jobs: made } = await api.call('POST', '/worker/jobs/batch', { jobs });
  assert.ok(made.every(({ id }) => id));
  ids = [model, ...made].map(({ id }) => id).sort().reverse();
});

after(async () => {
  await browser?.close();
  await service?.stop();
});

const rows = (page) => page.locator('table.jobs tbody tr');
const row = (page, id) => page.locator('table.jobs tbody tr', { hasText: id.slice(-8) });
/** How far it is from the top of the screen, in pixels. */
const topOf = (locator) => locator.evaluate((element) => element.getBoundingClientRect().top);

async function openMany(size) {
  const opened = await openPage(browser, { url: service.url, size });
  await opened.page.goto('/ui/jobs?q=user:many');
  await rows(opened.page).nth(49).waitFor();
  return opened;
}

for (const size of ['desktop', 'phone']) {
  test(`back from a job leads to the place in the list that was left, on a ${size}`, async () => {
    const { page, expectNoProblems, close } = await openMany(size);
    await page.getByRole('button', { name: 'Show more' }).click();
    await rows(page).nth(99).waitFor();
    await row(page, ids[80]).scrollIntoViewIfNeeded();
    const place = await topOf(row(page, ids[80]));
    await row(page, ids[80]).getByRole('link', { name: ids[80].slice(-8) }).click();
    await page.getByRole('heading', { name: 'Why it waits' }).waitFor();
    assert.equal(await page.evaluate(() => scrollY), 0);
    const [visited, other] = [ids[80], ids[size === 'phone' ? 85 : 81]];
    await api.call('DELETE', `/worker/jobs/${other}`);
    const fresh = await api.submit({ user: 'many', runAt: later() });
    ids = [fresh.id, ...ids];
    await page.goBack();
    await row(page, visited).waitFor();
    assert.equal(await rows(page).count(), 100);
    assert.ok(await row(page, visited).evaluate((element) => element.matches('.is-current')));
    // What has changed meanwhile is told in its place, and what is new is not pushed in.
    await row(page, other).locator('.status', { hasText: 'cancelled' }).waitFor();
    await page.getByRole('button', { name: 'Show 1 new job' }).waitFor();
    assert.equal(await row(page, fresh.id).count(), 0);
    const placeNow = await topOf(row(page, visited));
    assert.ok(Math.abs(placeNow - place) < 2, `${placeNow} px from the top, not ${place}`);
    await screenshot(page, `list-returned-${size}`);
    expectNoProblems();
    await close();
  });

  test(`from one job of the list to the next, over the end of a page, on a ${size}`, async () => {
    const { page, expectNoProblems, close } = await openMany(size);
    await row(page, ids[48]).getByRole('link', { name: ids[48].slice(-8) }).click();
    const walk = page.getByRole('group', { name: 'In the list' });
    await walk.getByText('49 of 50+').waitFor();
    await walk.getByRole('button', { name: 'Next' }).click();
    await page.waitForURL(`**/ui/jobs/${ids[49]}`);
    await page.keyboard.press('j');
    await page.waitForURL(`**/ui/jobs/${ids[50]}`);
    await walk.getByText('51 of 100+').waitFor();
    await page.locator('.job-id', { hasText: ids[50] }).waitFor();
    await page.getByRole('heading', { name: 'Why it waits' }).waitFor();
    assert.deepEqual(await accessibilityProblems(page), []);
    await screenshot(page, `job-in-list-${size}`);
    await page.keyboard.press('k');
    await page.waitForURL(`**/ui/jobs/${ids[49]}`);
    // Back is to the list, however many jobs were walked over.
    await page.goBack();
    await page.waitForURL('**/ui/jobs?q=user:many');
    await page.locator('tr.is-current', { hasText: ids[49].slice(-8) }).waitFor();
    expectNoProblems();
    await close();
  });
}

test('the first job of a list has none before it, and a job from a link has no list', async () => {
  const { page, expectNoProblems, close } = await openMany('desktop');
  await row(page, ids[0]).getByRole('link', { name: ids[0].slice(-8) }).click();
  const walk = page.getByRole('group', { name: 'In the list' });
  assert.ok(await walk.getByRole('button', { name: 'Previous' }).isDisabled());
  await page.goto(`/ui/jobs/${ids[3]}`);
  await page.getByRole('heading', { name: 'Why it waits' }).waitFor();
  assert.equal(await walk.count(), 0);
  expectNoProblems();
  await close();
});

test('a filter that is chosen anew is a list of its own', async () => {
  const { page, expectNoProblems, close } = await openMany('desktop');
  await page.evaluate(() => scrollTo(0, 900));
  const search = page.getByRole('searchbox', { name: 'Find jobs' });
  await search.fill('user:many status:failed');
  await search.press('Enter');
  await page.getByText('No job matches').waitFor();
  assert.equal(await page.evaluate(() => scrollY), 0);
  await page.goBack();
  await rows(page).nth(49).waitFor();
  await page.waitForFunction(() => Math.abs(scrollY - 900) < 2);
  expectNoProblems();
  await close();
});

for (const size of ['desktop', 'phone']) {
  test(`a view is saved by a name, opened by it, and forgotten, on a ${size}`, async () => {
    const { page, expectNoProblems, close } = await openMany(size);
    const menu = page.locator('summary', { hasText: 'Views' });
    await menu.click();
    await page.getByLabel('Save what is shown as').fill('our <b>largest</b> customer');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const view = page.getByRole('link', { name: 'our <b>largest</b> customer' });
    await view.waitFor();
    const { x, width } = await page.locator('.views').boundingBox();
    assert.ok(x >= 0 && x + width <= page.viewportSize().width, `from ${x} px, ${width} wide`);
    assert.deepEqual(await accessibilityProblems(page), []);
    await screenshot(page, `views-${size}`);
    await page.goto('/ui/jobs?q=status:failed');
    await menu.click();
    await view.click();
    await page.waitForURL(/q=user%3Amany/);
    await rows(page).nth(49).waitFor();
    if (!(await view.isVisible())) {
      await menu.click();
    }
    await page.getByRole('button', { name: 'Forget the view our' }).click();
    await page.getByText('None is saved').waitFor();
    expectNoProblems();
    await close();
  });
}

test('a list is copied as the call that tells the same', async () => {
  const { page, expectNoProblems, close } = await openMany('desktop');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'curl' }).click();
  await page.getByText('Copied').waitFor();
  const line = await page.evaluate(() => navigator.clipboard.readText());
  const [, address] = /^curl -sS '(.*)'$/.exec(line);
  const { jobs } = await (await fetch(address)).json();
  assert.deepEqual(
    jobs.map(({ id }) => id),
    ids.slice(0, 50),
  );
  expectNoProblems();
  await close();
});

test('what is dragged over on a plot is the time of a list, as an address', async () => {
  const { page, expectNoProblems, close } = await openPage(browser, { url: service.url });
  await page.goto('/ui/now?window=5min');
  const plot = page.locator('.plot', { hasText: 'Queue age' }).locator('.u-over');
  const { x, y, width, height } = await plot.boundingBox();
  await page.mouse.move(x + width * 0.6, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.99, y + height / 2, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/\/ui\/jobs\?q=since%3A\S+%20before%3A/);
  const [, since, before] = /since:(\S+) before:(\S+)/.exec(
    new URL(page.url()).searchParams.get('q'),
  );
  const seconds = (Date.parse(before) - Date.parse(since)) / 1000;
  assert.ok(Math.abs(seconds - 0.39 * 300) < 5, `${seconds} s`);
  await page.getByRole('button', { name: 'Remove the filter since' }).waitFor();
  expectNoProblems();
  await close();
});
