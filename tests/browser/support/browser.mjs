// SPDX-License-Identifier: MIT
// Chromium, and a page in it that is watched for errors of scripts and for what its policy forbids.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const { CHROMIUM, SCREENSHOTS } = process.env;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const sizes = { desktop: { width: 1360, height: 860 }, phone: { width: 390, height: 844 } };

export function launch() {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

/**
 * A page of a person of its own. `expected`: messages of the console that belong to the test, as the
 * browser's own about an answer that is an error.
 */
export async function openPage(
  browser,
  { url, size = 'desktop', theme = 'light', expected = [] } = {},
) {
  const context = await browser.newContext({
    baseURL: url,
    viewport: sizes[size],
    colorScheme: theme,
    isMobile: size === 'phone',
    hasTouch: size === 'phone',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const problems = [];
  const note = (text) => expected.some((pattern) => pattern.test(text)) || problems.push(text);
  page.on('pageerror', (error) => note(`script: ${error.message}`));
  page.on('dialog', (dialog) => note(`dialog: ${dialog.message()}`) && dialog.dismiss());
  page.on(
    'console',
    (message) => ['error', 'warning'].includes(message.type()) && note(message.text()),
  );
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(url).origin) {
      note(`request elsewhere: ${request.url()}`);
    }
  });
  return {
    page,
    problems,
    expectNoProblems: () => assert.deepEqual(problems, []),
    close: () => context.close(),
  };
}

/** What axe finds against WCAG 2.2 AA and good practice, one line each. */
export async function accessibilityProblems(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, any }) => `${id}: ${help}: ${target.join(' ')} ${any[0]?.message ?? ''}`),
  );
}

export function screenshot(page, name, options = {}) {
  return page.screenshot({
    path: join(SCREENSHOTS, `${name}.png`),
    animations: 'disabled',
    ...options,
  });
}
