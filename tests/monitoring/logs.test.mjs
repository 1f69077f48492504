// SPDX-License-Identifier: MIT
// The lines of a coordinator and of a worker node, sent as Docker's driver does, collected by the real rsyslog, found by
// the id of the job.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { at, run, yaml } from './support/files.mjs';
import { freePort, Programs, Stack, until } from './support/programs.mjs';

const programs = new Programs(join(process.env.SCRATCH, 'logs'));
const stack = new Stack(programs, { role: 'coordinator', settings: { WORKER_LOG_FORMAT: 'json' } });
const folder = programs.path('collected');
const socket = createSocket('udp4');
let port;

/** As Docker's driver with rfc5424micro does: one datagram a line. */
function send(name, line) {
  const head = `<30>1 ${new Date().toISOString().replace('Z', '000Z')} a-host ${name} 7 ${name} - `;
  return new Promise((resolve) => socket.send(head + line, port, '127.0.0.1', resolve));
}

async function sendAll(name, program) {
  for (const line of program.said.split('\n').filter(Boolean)) {
    await send(name, line);
  }
}

const collected = () =>
  readdirSync(folder)
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
    .filter(Boolean);

const logsOf = (...args) => spawnSync(at('scripts/logs-of'), args, { encoding: 'utf8' });

before(
  async () => {
    mkdirSync(folder);
    port = await freePort();
    const environment = { LOGS: folder, ADDRESS: '127.0.0.1', PORT: String(port) };
    const config = at('config/rsyslog/rsyslog.conf');
    const check = spawnSync('rsyslogd', ['-N1', '-f', config], {
      encoding: 'utf8',
      env: { ...process.env, ...environment },
    });
    assert.equal(check.status, 0, check.stderr);
    programs.start('rsyslogd', ['-n', '-f', config, '-i', 'NONE'], environment);
    await until('rsyslog listens', async () => {
      await send('nobody', 'hello');
      return readdirSync(folder).length > 0;
    });
    await stack.start();
  },
  { timeout: 60_000 },
);

after(async () => {
  socket.close();
  await programs.stop();
});

test(
  'all lines about a job are found, of whichever process, in the order of time',
  { timeout: 60_000 },
  async () => {
    const [failed, other] = [
      ...(await stack.convert(1, '[[sim:400]]')),
      ...(await stack.convert(1)),
    ];
    await until('both have ended', async () =>
      (await Promise.all([failed, other].map(stack.statusOf))).every((status) =>
        ['completed', 'failed'].includes(status),
      ),
    );
    const lineOf = (program) => program.said.split('\n').find((line) => line.includes(failed));
    await until('both tell of it', () => lineOf(stack.service) && lineOf(stack.node));
    await sendAll('node-1', stack.node); // the later lines first
    await sendAll('coordinator', stack.service);
    const there = () =>
      new Set(
        collected()
          .filter((line) => line.includes(failed))
          .map((line) => JSON.parse(line).service),
      );
    await until('the lines have arrived', () => there().size === 2);

    const lines = logsOf(failed, folder)
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([...new Set(lines.map((line) => line.service))].sort(), [
      'coordinator',
      'node-1',
    ]);
    assert.deepEqual(
      lines.map((line) => line.time),
      lines.map((line) => line.time).sort(),
    );
    assert.ok(lines.every((line) => line.sender === 'a-host' && line.level));
    assert.ok(lines.some((line) => line.message === 'a job failed' && line.jobId === failed));
    assert.ok(!lines.some((line) => line.jobId === other));
  },
);

test(
  'lines that are no JSON are kept as well, and long ones whole',
  { timeout: 30_000 },
  async () => {
    await send('redis', 'Ready "to" accept connections');
    await send(
      'worker-1',
      JSON.stringify({ time: '2026-01-01T00:00:00.000Z', jobId: 'long', reason: 'x'.repeat(8000) }),
    );
    await until('both have arrived', () =>
      ['Ready', '"long"'].every((word) => collected().some((line) => line.includes(word))),
    );
    const text = collected()
      .map((line) => JSON.parse(line))
      .find((line) => line.service === 'redis');
    assert.equal(text.text, 'Ready "to" accept connections');
    const [long] = logsOf('long', folder)
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(long.reason.length, 8000);
  },
);

test('what is not found, or is no line, is said', () => {
  const nothing = logsOf('no-such-job', folder);
  assert.equal(nothing.status, 1);
  assert.match(nothing.stderr, /no line about no-such-job/);
  assert.equal(logsOf('x', programs.path('certs')).status, 2);
  appendFileSync(
    join(folder, 'stayler-2026-01-01.jsonl'),
    'a line that was cut off {"jobId":"cut"\n',
  );
  assert.match(run(at('scripts/logs-of'), 'long', folder), /xxx/);
});

test('compose.logs.yaml sends the lines of every service that stays', () => {
  const services = Object.entries(yaml('docker-compose.yml').services)
    .filter(([name, service]) => name !== 'secrets' && !service.profiles)
    .map(([name]) => name);
  assert.deepEqual(Object.keys(yaml('compose.logs.yaml').services).sort(), services.sort());
});
