// SPDX-License-Identifier: MIT
// Alerts that the running service makes fire when something around it breaks, delivered by a real Alertmanager. A minute of
// the rules is a second here.
import { renameSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { run } from './support/files.mjs';
import { json, Programs, secondsAMinute, Stack, until } from './support/programs.mjs';
import { quicker, Receiver, startAlertmanager, startPrometheus } from './support/watching.mjs';

const programs = new Programs(join(process.env.SCRATCH, 'faults'));
const receiver = new Receiver();
let stack;
let prometheus;

const options = { timeout: 90_000 * secondsAMinute };

before(
  async () => {
    await receiver.start();
    const settings = { WORKER_WEBHOOK_URL: `${receiver.url}/gone`, GEMINI_BREAKER_PERCENT: '0' };
    stack = new Stack(programs, { role: 'coordinator', settings });
    await stack.start();
    const alertmanager = await startAlertmanager(programs, receiver.url);
    const targets = stack.ports.map((port) => `127.0.0.1:${port}`);
    prometheus = await startPrometheus(programs, targets, alertmanager);
  },
  { timeout: 60_000 },
);

after(async () => {
  await programs.stop();
  receiver.stop();
});

test('jobs that fail, and notifications that nobody takes', options, async () => {
  // Prometheus has to have seen the counters before they grow.
  const [first] = await stack.convert(1, '[[sim:no-image]]');
  await until('one has failed', async () => (await stack.statusOf(first)) === 'failed');
  await prometheus.sees('sum(worker_jobs_failed) == 1');
  await stack.convert(40, '[[sim:no-image]]');
  await receiver.hears('now', 'FailureRatio');
  await receiver.hears('day', 'NotificationsStuck', 'firing', { case: 'given_up' });
});

test('a node that is killed again and again', options, async () => {
  const starts = `changes(process_start_time_seconds[${quicker('15m')}])`;
  for (let i = 1; i <= 5; ++i) {
    await stack.node.stop('SIGKILL');
    await stack.startNode();
    await prometheus.sees(`${starts} >= ${Math.min(i, 3)}`);
  }
  await receiver.hears('day', 'NodesLostOrRefused', 'firing', { case: 'lost' });
  await receiver.hears('day', 'Restarts', 'firing', { case: 'process' });
});

test('calls that may have been billed, as their worker died', options, async () => {
  await stack.convert(8, 'in colour % [[sim:hang x1]]'); // equal ones would share a call
  const stats = () => json('GET', `http://${stack.simAddress}/sim/stats`);
  await until('all calls hang', async () => (await stats()).faults.hang === 8);
  await stack.node.stop('SIGKILL');
  await stack.startNode();
  await receiver.hears('day', 'MoneyAtRisk', 'firing', { case: 'ambiguous' });
});

test('jobs that no worker takes', options, async () => {
  await stack.node.stop('SIGKILL');
  await stack.convert(2);
  await receiver.hears('now', 'NoWorkers');
  await receiver.hears('now', 'QueueStandsStill');
  await stack.startNode();
  await receiver.hears('now', 'NoWorkers', 'resolved');
});

test('a certificate that ends in two days', options, async () => {
  const certs = (name) => programs.path('certs', name);
  run(
    'openssl',
    'req',
    '-new',
    '-key',
    certs('localhost.key'),
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
    '-out',
    certs('new.csr'),
  );
  const authority = ['-CA', certs('ca.pem'), '-CAkey', certs('ca.key'), '-set_serial', '77'];
  run(
    'openssl',
    'x509',
    '-req',
    '-in',
    certs('new.csr'),
    '-days',
    '2',
    '-copy_extensions',
    'copy',
    ...authority,
    '-out',
    certs('new.pem'),
  );
  renameSync(certs('new.pem'), certs('localhost.pem'));
  await receiver.hears('now', 'CertificateSoon', 'firing', { use: 'api' });
});

test('a job store that is full', options, async () => {
  const limit = (bytes) =>
    run('redis-cli', '-p', String(stack.redisPort), 'config', 'set', 'maxmemory', bytes);
  limit('1');
  let isTold = false;
  const told = receiver
    .hears('now', 'StoreFull', 'firing', { case: 'jobs' })
    .finally(() => (isTold = true));
  // The alert wants it to last, and callers go on.
  await until(
    'it is told of',
    () =>
      stack.convert(1).then(
        () => isTold,
        () => isTold,
      ),
    60,
  );
  await told;
  limit('0');
});

test('Redis that is away, and that is back', options, async () => {
  await stack.redis.stop('SIGKILL');
  await receiver.hears('now', 'PartUnhealthy', 'firing', { part: 'queue' });
  await stack.startRedis();
  await receiver.hears('now', 'PartUnhealthy', 'resolved', { part: 'queue' });
});
