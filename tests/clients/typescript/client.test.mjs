// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, StaylerError } from 'stayler-client';
import { client, nowhere, quick, settings } from './harness.mjs';

const isStopped = (error) => error === 'stopped';

test('an address that is none is refused', () => {
  for (const address of ['127.0.0.1:8080', 'localhost:8080', 'ftp://there']) {
    assert.throws(() => new Client(address), /an address is http:\/\/HOST/);
  }
});

test('a call ends with its signal, also between two tries', async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort('stopped'), 20);
  const lost = new Client(nowhere, {
    ...quick,
    leastPause: 3_600_000,
    longestPause: 3_600_000,
  });
  await assert.rejects(lost.getStatus({ signal: stop.signal }), isStopped);
  await assert.rejects(client().getStatus({ signal: stop.signal }), isStopped);
});

test('a stream ends with its signal', async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort('stopped'), 100);
  await assert.rejects(client().followJobs({}, { signal: stop.signal }).next(), isStopped);
});

test('a stream that is left is closed', async () => {
  for await (const event of client().followJobs({}, { lastId: '1-1-1' })) {
    assert.equal(event.kind, 'gap');
    break;
  }
});

test('a stream that cannot come back says so', async () => {
  const lost = new Client(nowhere, { ...quick, reconnectFor: 50 });
  await assert.rejects(
    lost.followJob('any').next(),
    (error) => error instanceof StaylerError && error.status === 0 && error.class === 'connection',
  );
});

test('a try that brings no answer in time is an error that may pass', async () => {
  const impatient = new Client(settings.proxy, {
    ...quick,
    apiKey: settings.keys.submitter,
    tries: 1,
    timeout: 100,
    fetch: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  });
  await assert.rejects(
    impatient.getStatus(),
    (error) => error.status === 0 && error.class === 'timeout' && error.retryable,
  );
});
