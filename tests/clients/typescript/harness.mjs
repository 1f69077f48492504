// SPDX-License-Identifier: MIT
// What tests/clients/support/harness.py has prepared.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'stayler-client';

export const settings = JSON.parse(readFileSync(process.env.STAYLER_TEST, 'utf8'));

/** At which nothing listens: a port that nobody has, below those that programs are given. */
export const nowhere = 'http://127.0.0.1:2';

/** Pauses that are short enough for tests. */
export const quick = { tries: 4, timeout: 10_000, leastPause: 5, silence: 2000 };

export const client = (holder = 'submitter', options = {}) =>
  new Client(settings.url, { ...quick, apiKey: settings.keys[holder], ...options });

export const picture = (name) => readFileSync(join(settings.assets, name));

/** Asks the table of cases; nothing is sent where there is no body. */
export async function control(path, body) {
  const request = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  return (await fetch(settings.control + path, request)).json();
}
