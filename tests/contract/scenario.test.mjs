// SPDX-License-Identifier: MIT
// Every operation of the running service, by every role, led to every answer that the contract names below 500: there is
// none outside it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call as callAt, coverage, pathOf, statusesSeen } from './calls.mjs';
import { operationOf, operations, violations } from './contract.mjs';
import { picture, startService, until } from './service.mjs';

const service = await startService({
  environment: { WORKER_ENABLE_CHAOS: 'true', WORKER_WEBHOOK_URL_ALLOW: 'hooks.example.com' },
});
const open = await startService({ keys: false, environment: { WORKER_ENABLE_METRICS: 'false' } });
after(() => Promise.all([service.stop(), open.stop()]));

const call = (id, status, wanted = {}) => callAt(service, id, status, { key: 'admin', ...wanted });

const nothing = '01936d4e-0000-7000-8000-000000000099';
const raw = { 'Content-Type': 'image/jpeg' };
const upload = async (name, query) =>
  (await call('uploadImage', 201, { query, headers: raw, body: picture(name) })).json.id;
const person = await upload('person.jpg', { userId: 'ann' });
const garment = await upload('garment.png', { userId: 'ann', type: 'vendor' });

let conversions = 0;
const job = (more = {}, options = {}) => ({
  type: 'image_conversion',
  conversionId: `c-${++conversions}`,
  userId: 'ann',
  payload: { userImageId: person, clothImageId: garment, options: { noCache: true, ...options } },
  ...more,
});
const submit = async (more, options) =>
  (await call('submitJob', 201, { key: 'submitter', json: job(more, options) })).json.id;
const later = () => ({ runAt: new Date(Date.now() + 3_600_000).toISOString() });
const ended = async (id, status) => {
  await until(
    `${id} is ${status}`,
    async () => (await call('getJob', 200, { parameters: { id } })).json.status === status,
  );
  return id;
};

/** The events of a stream that has been read: [{id, event, data}]. */
const eventsOf = (text) =>
  text
    .split('\n\n')
    .map((block) =>
      Object.fromEntries(
        block
          .split('\n')
          .map((line) => line.match(/^(\w+): (.*)$/))
          .filter(Boolean)
          .map(([, name, value]) => [name, value]),
      ),
    )
    .filter((each) => each.event);

/** The value as an answer of another operation that shows the same schema. */
const asAnswerOf = (id, status, value) =>
  violations(id, {
    status,
    headers: { 'content-type': 'application/json', 'x-request-id': 'x' },
    text: value,
    bytes: Buffer.from(value),
  });

test('the tester finds an answer that is outside the contract', () => {
  const message = { message: 'a', timestamp: '2026-11-30T09:00:00.000Z' };
  const wrong = [
    { ...message, other: 1 },
    { message: 'a' },
    { ...message, message: 1 },
    { ...message, timestamp: 'soon' },
  ];
  assert.deepEqual(asAnswerOf('getLiveness', 200, JSON.stringify(message)), []);
  for (const each of wrong) {
    assert.equal(
      asAnswerOf('getLiveness', 200, JSON.stringify(each)).length,
      1,
      JSON.stringify(each),
    );
  }
  assert.equal(asAnswerOf('getLiveness', 418, '{}').length, 1);
});

test('pictures come in, go out whole, in parts or not at all, and are deleted', async () => {
  const form =
    '--b\r\nContent-Disposition: form-data; name="userId"\r\n\r\nann\r\n--b\r\nContent-Disposition: form-data; ' +
    'name="file"; filename="a.jpg"\r\n\r\n';
  const sent = Buffer.concat([
    Buffer.from(form),
    picture('person.jpg'),
    Buffer.from('\r\n--b--\r\n'),
  ]);
  await call('uploadImage', 201, {
    headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
    body: sent,
  });
  await call('uploadImage', 400, {
    query: { userId: ' ', type: 'other' },
    headers: raw,
    body: picture('person.jpg'),
  });
  await call('uploadImage', 400, { headers: raw, body: picture('person.jpg').subarray(0, 300) });
  await call('uploadImage', 415, { headers: raw, body: 'no picture' });
  await call('uploadImage', 403, {
    key: 'ann',
    query: { userId: 'bob' },
    headers: raw,
    body: picture('person.jpg'),
  });
  for (const id of ['getImage', 'getThumbnail']) {
    const at = { key: 'viewer', parameters: { id: person } };
    const whole = await call(id, 200, at);
    const part = await call(id, 206, { ...at, headers: { Range: 'bytes=10-19' } });
    assert.deepEqual(part.bytes, whole.bytes.subarray(10, 20));
    await call(id, 304, { ...at, headers: { 'If-None-Match': whole.headers.etag } });
    await call(id, 416, { ...at, headers: { Range: 'bytes=99999999-' } });
    await call(id, 404, { parameters: { id: nothing } });
    await call(id, 404, { key: 'bob', parameters: { id: person } });
  }
  const linked = (await call('createImageLink', 201, { key: 'viewer', parameters: { id: person } }))
    .json;
  const seen = await callAt(service, 'getImage', 200, { path: linked.url });
  assert.equal(seen.headers['content-type'], 'image/jpeg');
  await callAt(service, 'getThumbnail', 200, { path: linked.thumbnailUrl });
  await callAt(service, 'getImage', 401, {
    path: linked.url.replace(/signature=./, 'signature=x'),
  });
  await call('createImageLink', 400, { parameters: { id: person }, json: { expiresIn: '1ms' } });
  await call('createImageLink', 404, { parameters: { id: nothing }, json: {} });
  const gone = await upload('person.jpg', { userId: 'ann' });
  await call('deleteImage', 204, { key: 'ann', parameters: { id: gone } });
  await call('deleteImage', 404, { key: 'ann', parameters: { id: gone } });
});

test('jobs are submitted, once or in a batch, and refused', async () => {
  const headers = { 'Idempotency-Key': 'once' };
  const wanted = job();
  const first = await call('submitJob', 201, { key: 'submitter', headers, json: wanted });
  const again = await call('submitJob', 200, { key: 'submitter', headers, json: wanted });
  assert.equal(again.json.id, first.json.id);
  assert.equal(again.headers.location, `/worker/jobs/${first.json.id}`);
  await call('submitJob', 422, { key: 'submitter', headers, json: { ...wanted, priority: 20 } });
  await call('submitJob', 409, { json: { ...wanted, userId: 'carl' } });
  await call('submitJob', 400, { json: { ...wanted, priority: 99, other: 1 } });
  await call('submitJob', 403, { key: 'ann', json: { ...wanted, userId: 'bob' } });
  await call('submitJob', 403, {
    key: 'ann',
    json: job({ webhookUrl: 'https://hooks.example.com/' }),
  });
  const operations = [
    { type: 'resize', width: 100 },
    { type: 'thumbnail', size: 64 },
    { type: 'strip' },
    { type: 'convert', format: 'webp', quality: 80 },
  ];
  const scaling = {
    type: 'image_processing',
    userId: 'ann',
    payload: { imageId: person, options: { operations } },
  };
  const batch = await call('submitJobs', 200, {
    key: 'ann',
    json: { jobs: [job(), scaling, { type: 'other' }] },
  });
  assert.deepEqual(
    batch.json.jobs.map((each) => 'error' in each),
    [false, false, true],
  );
  await call('submitJobs', 400, { json: { jobs: [] } });
  await ended(batch.json.jobs[1].id, 'completed');
});

test('jobs are listed and shown, followed to their ends, and change their course', async () => {
  const id = await submit();
  const stream = await call('followJob', 200, { key: 'viewer', parameters: { id } });
  const events = eventsOf(stream.text);
  assert.equal(events[0].event, 'snapshot');
  assert.deepEqual(asAnswerOf('getJob', 200, events[0].data), []);
  const last = events.at(-1);
  assert.equal(JSON.parse(last.data).status, 'completed');
  await call('followJob', 204, { parameters: { id }, headers: { 'Last-Event-ID': last.id } });
  await call('followJob', 404, { parameters: { id: nothing } });
  const shown = await call('getJob', 200, { key: 'ann', parameters: { id } });
  await call('getJob', 304, {
    key: 'ann',
    parameters: { id },
    headers: { 'If-None-Match': shown.headers.etag },
  });
  await call('getJob', 404, { key: 'bob', parameters: { id } });
  const page = await call('listJobs', 200, {
    key: 'viewer',
    query: { limit: 1, status: 'completed,pending', type: 'image_conversion' },
  });
  await call('listJobs', 200, { key: 'ann', query: { limit: 500, cursor: page.json.nextCursor } });
  await call('listJobs', 400, { query: { limit: 0, status: 'other', cursor: 'x', userId: ' ' } });
  await call('listJobs', 403, { key: 'ann', query: { userId: 'bob' } });
  await call('cancelJob', 409, { key: 'ann', parameters: { id } });
  await call('processJob', 409, { key: 'ann', parameters: { id } });
  await call('retryJob', 409, { key: 'ann', parameters: { id } });
  const waiting = await submit(later());
  await call('processJob', 202, { key: 'ann', parameters: { id: waiting } });
  await ended(waiting, 'completed');
  await call('cancelJob', 200, { key: 'ann', parameters: { id: await submit(later()) } });
  for (const operation of ['cancelJob', 'processJob', 'retryJob', 'getJob']) {
    await call(operation, 404, { parameters: { id: nothing } });
  }
  const resumed = await call('followJobs', 200, {
    query: { userId: 'ann' },
    headers: { 'Last-Event-ID': '1-1-0' },
    take: true,
  });
  assert.match(resumed.text, /^retry: /);
  await call('followJobs', 400, { query: { status: 'other' } });
  const ticket = await call('createEventTicket', 201, {
    key: 'ann',
    json: { jobId: waiting, expiresIn: '1h' },
  });
  await callAt(service, 'followJob', 200, { path: ticket.json.url });
  const general = await call('createEventTicket', 201, { key: 'viewer' });
  await callAt(service, 'followJobs', 200, { path: general.json.url, take: true });
  await call('createEventTicket', 400, { json: { expiresIn: 'soon' } });
  await call('createEventTicket', 403, { key: 'ann', json: {} });
  await call('createEventTicket', 404, { json: { jobId: nothing } });
});

test('a job that has ended is run again', async () => {
  const id = await ended(await submit(), 'completed');
  const headers = { 'Idempotency-Key': 'once-more' };
  const again = await call('rerunJob', 201, { key: 'ann', parameters: { id }, headers });
  assert.equal(again.json.rerunOf, id);
  await ended(again.json.id, 'completed');
  await call('rerunJob', 200, { key: 'ann', parameters: { id }, headers });
  await call('rerunJob', 422, { key: 'ann', parameters: { id: again.json.id }, headers });
  await call('rerunJob', 400, { parameters: { id }, headers: { 'Idempotency-Key': 'two words' } });
  await call('rerunJob', 404, { parameters: { id: nothing } });
  const waiting = await submit(later());
  await call('rerunJob', 409, { key: 'ann', parameters: { id: waiting } });
  await call('cancelJob', 200, { key: 'ann', parameters: { id: waiting } });
});

test('dead letters are listed, retried and dropped', async () => {
  const unsafe = { prompt: '[[sim:safety]]' };
  const id = await ended(await submit({}, unsafe), 'failed');
  await call('listDeadLetters', 200, { key: 'ann' });
  await call('listDeadLetters', 400, { query: { errorClass: 'other' } });
  await call('listDeadLetters', 403, { key: 'ann', query: { userId: 'bob' } });
  await call('retryJob', 202, { key: 'ann', parameters: { id } });
  await ended(id, 'failed');
  await call('retryDeadLetters', 200, { key: 'ann', json: { errorClass: 'safety_blocked' } });
  await call('retryDeadLetters', 400, { json: { errorClass: 'other', type: 'other' } });
  await call('retryDeadLetters', 403, { key: 'ann', json: { userId: 'bob' } });
  await ended(id, 'failed');
  const groups = (await call('groupDeadLetters', 200, { key: 'ann' })).json.groups;
  assert.equal(groups[0].errorClass, 'safety_blocked');
  await call('groupDeadLetters', 400, { query: { q: 'x' } });
  await call('groupDeadLetters', 403, { key: 'ann', query: { userId: 'bob' } });
  const all = { action: 'retry', filter: { group: groups[0].group } };
  const preview = (await call('changeJobs', 200, { key: 'ann', json: { ...all, dryRun: true } }))
    .json;
  const begun = await call('changeJobs', 202, {
    key: 'ann',
    json: { ...all, token: preview.token },
  });
  await call('changeJobs', 400, { json: { action: 'retry', filter: {} } });
  await call('changeJobs', 409, { json: { ...all, token: preview.token } });
  await call('listOperations', 200, { key: 'ann' });
  const operation = { id: begun.json.id };
  await until(
    'the operation has ended',
    async () =>
      (await call('getOperation', 200, { key: 'ann', parameters: operation })).json.state ===
      'done',
  );
  await call('stopOperation', 409, { key: 'ann', parameters: operation });
  await call('getOperation', 404, { parameters: { id: nothing } });
  await call('stopOperation', 404, { parameters: { id: nothing } });
  await ended(id, 'failed');
  await call('dropDeadLetter', 200, { parameters: { id } });
  await call('dropDeadLetter', 404, { parameters: { id } });
  await call('dropDeadLetter', 409, { parameters: { id: await submit(later()) } });
});

test('an operation on many jobs is stopped', async () => {
  await Promise.all([...Array(20)].map(() => submit(later())));
  const waiting = { action: 'cancel', filter: { status: ['scheduled'], all: true } };
  const { token } = (await call('changeJobs', 200, { json: { ...waiting, dryRun: true } })).json;
  const { id } = (await call('changeJobs', 202, { json: { ...waiting, token, ratePerMinute: 1 } }))
    .json;
  await call('stopOperation', 200, { parameters: { id } });
});

test('a key is exchanged for a session, which ends', async () => {
  const begun = await call('beginSession', 201, { key: 'ann' });
  const headers = {
    Cookie: begun.headers['set-cookie'].split(';')[0],
    'X-CSRF': '1',
    'Sec-Fetch-Site': 'same-origin',
  };
  assert.equal((await callAt(service, 'getSession', 200, { headers })).json.name, 'ann');
  assert.equal((await callAt(service, 'getSession', 200)).json.signedIn, false);
  await callAt(service, 'beginSession', 403, { headers });
  await callAt(service, 'listJobs', 200, { headers });
  await callAt(service, 'endSession', 403, { headers: { ...headers, 'X-CSRF': '' } });
  await callAt(service, 'endSession', 204, { headers });
  await callAt(open, 'beginSession', 409);
});

test('the overview shows how the service stands', async () => {
  await until(
    'there is one',
    async () => (await service.call('GET', '/worker/overview', { key: 'viewer' })).status === 200,
  );
  await call('getOverview', 200, { key: 'viewer', query: { window: '1h' } });
  await call('getOverview', 200, { key: 'bob' });
  await call('getOverview', 400, { query: { window: '1s' } });
});

test('notifications are listed and delivered again', async () => {
  const query = { state: 'delivered' };
  let page;
  await until('something has been delivered', async () => {
    page = (await call('listNotifications', 200, { query })).json;
    return page.notifications.length > 0;
  });
  await call('redeliverNotification', 202, { parameters: { id: page.notifications[0].id } });
  await call('redeliverNotification', 404, { parameters: { id: nothing } });
  await call('redeliverNotifications', 200, { json: { event: 'conversion.failed' } });
  await call('redeliverNotifications', 400, { json: { event: 'other' } });
  await call('listNotifications', 400, {
    query: { state: 'other', job: 'x', event: 'other', limit: 501, cursor: 'x' },
  });
});

test('the service says how it is, and who may not know it', async () => {
  for (const id of ['getStatus', 'getStats', 'getWorkerHealth']) {
    await call(id, 200, { key: 'viewer' });
    await call(id, 200, { key: 'bob' });
  }
  for (const id of ['listWorkers', 'getTree', 'getProvider', 'getCosts', 'getMetrics']) {
    await call(id, 200, { key: 'viewer' });
    await call(id, 403, { key: 'bob' });
  }
  await call('followJobs', 403, { key: 'bob' });
  for (const id of ['getHealth', 'getReadiness', 'getStart', 'getLiveness', 'getContract']) {
    await callAt(service, id, 200);
    await call(id, 200, { key: 'viewer' });
  }
  const tag = (await callAt(service, 'getContract', 200)).headers.etag;
  await callAt(service, 'getContract', 304, { headers: { 'If-None-Match': tag } });
  await callAt(open, 'getMetrics', 404);
});

test('the worker is started, stopped and configured by admins', async () => {
  const parameters = { type: 'image_processing' };
  await call('pauseType', 200, { parameters });
  await call('pauseType', 200, { parameters, json: { for: '30m', reason: 'switching keys' } });
  await call('pauseType', 400, { parameters, json: { for: '9999h', until: 'soon', reason: 7 } });
  const { pauses } = (await call('getStatus', 200)).json;
  assert.equal(pauses[0].reason, 'switching keys');
  await call('resumeType', 200, { parameters });
  await call('pauseType', 404, { parameters: { type: 'other' } });
  await call('resumeType', 404, { parameters: { type: 'other' } });
  await call('getConfig', 200);
  await call('changeConfig', 200, { json: { maxWorkers: 3, retry: { jitter: false } } });
  await call('describeConfig', 200);
  await call('changeConfig', 200, { query: { dryRun: 'true' }, json: { maxWorkers: 4 } });
  await call('changeConfig', 400, { json: { maxWorkers: 0, other: 1, httpPort: 1 } });
  await call('injectFault', 200, { json: { actor: 'result_cache' } });
  await call('injectFault', 400, { json: {} });
  await call('injectFault', 404, { json: { actor: 'nobody' } });
  await callAt(open, 'injectFault', 403, { json: { actor: 'notifier' } });
  await call('startWorker', 409);
  await call('stopWorker', 400, { query: { timeout: 'soon' } });
  await call('stopWorker', 200, { query: { timeout: '10s' } });
  await call('stopWorker', 409);
  await until('it is not ready', async () => (await call('getReadiness')).status === 503);
  await call('startWorker', 200);
});

test('every operation refuses a strange key, one whose role does not suffice, and one that calls too often', async () => {
  const parameters = { id: nothing, type: 'image_conversion' };
  const roles = ['viewer', 'submitter', 'admin'];
  await call('getStatus', 200, { key: 'slow' });
  for (const { id, 'x-role': role } of operations.filter((each) => each['x-role'] !== 'none')) {
    await callAt(service, id, 401, { parameters });
    await callAt(service, id, 429, { parameters, key: 'slow' });
    for (const key of roles.slice(0, roles.indexOf(role))) {
      await callAt(service, id, 403, { parameters, key });
    }
  }
  const stranger = { key: 'a wrong key', parameters };
  assert.match(
    (await callAt(service, 'getStatus', 401, stranger)).headers['www-authenticate'],
    /invalid_token/,
  );
});

test('every operation refuses pages of other sites, and bodies that it does not take', async () => {
  const parameters = { id: nothing, type: 'image_conversion' };
  for (const { id, requestBody, responses } of operations) {
    await callAt(open, id, 403, { parameters, headers: { Origin: 'https://other.example' } });
    if (responses[413]) {
      await call(id, 413, { parameters, announce: 1_000_000_000 });
    }
    if (requestBody) {
      await call(id, 415, { parameters, headers: { 'Content-Type': 'text/xml' }, body: '<a/>' });
    }
  }
});

test('the audit trail is shown, and what is kept of a user exported and erased', async () => {
  await call('listAuditRecords', 200, { query: { limit: 1, outcome: 'succeeded' } });
  await call('listAuditRecords', 400, { query: { limit: 0, outcome: 'other', since: 'soon' } });
  const user = { key: 'ann', parameters: { id: 'ann' } };
  const archive = await call('exportUserData', 200, user);
  assert.match(archive.text, /manifest\.json/);
  await call('exportUserData', 403, { ...user, key: 'bob' });
  const { id } = (await call('eraseUserData', 202, user)).json;
  await until(
    'the data are erased',
    async () => (await call('getErasure', 200, { parameters: { id } })).json.status === 'done',
  );
  await call('getErasure', 404, { key: 'bob', parameters: { id } });
  for (const operation of ['exportUserData', 'eraseUserData']) {
    await call(operation, 404, { parameters: { id: ' ' } });
  }
});

/** What no caller can bring about at will. */
const outOfReach = new Set(['redeliverNotification 409']);

test('every answer that the contract names below 500 has been seen', (context) => {
  const { named, unseen } = coverage();
  context.diagnostic(
    `${operations.length} operations, ${named.length - unseen.length} of ${named.length} answers below 500` +
      ` seen, ${statusesSeen()} in all`,
  );
  assert.deepEqual(
    unseen.map(({ id, status }) => `${id} ${status}`).filter((each) => !outOfReach.has(each)),
    [],
  );
});
