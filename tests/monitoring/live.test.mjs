// SPDX-License-Identifier: MIT
// The running service, scraped by a real Prometheus, whose alerts a real Alertmanager delivers. Faults are injected into
// what stands around the service; a minute of the rules is a second here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { alertingRules, recordingRules } from './support/files.mjs';
import { selectorsOf } from './support/expressions.mjs';
import { expressionsOfAll, expressionsOfPanels } from './support/everything.mjs';
import { Programs, secondsAMinute, Stack, until } from './support/programs.mjs';
import { Receiver, startAlertmanager, startPrometheus } from './support/watching.mjs';

const programs = new Programs(join(process.env.SCRATCH, 'live'));
const stack = new Stack(programs);
const receiver = new Receiver();
let prometheus;

/** Recorded ratios are nothing where there is nothing to divide by; nobody has lost a codec process. */
const emptyByNature = /stayler:/;

const ended = (ids) =>
  until('all jobs have ended', async () =>
    (await Promise.all(ids.map(stack.statusOf))).every((status) =>
      ['completed', 'failed'].includes(status),
    ),
  );

before(
  async () => {
    await receiver.start();
    await stack.start();
    const alertmanager = await startAlertmanager(programs, receiver.url);
    const targets = stack.ports.map((port) => `127.0.0.1:${port}`);
    prometheus = await startPrometheus(programs, targets, alertmanager);
    await ended(await stack.convert(3));
    await ended(await stack.convert(1, '[[sim:400]]'));
  },
  { timeout: 60_000 * secondsAMinute },
);

after(async () => {
  await programs.stop();
  receiver.stop();
});

test('each metric that a rule, a panel or a scaler names exists', async () => {
  const recorded = new Set(recordingRules().map((rule) => rule.record));
  const named = new Set(
    expressionsOfAll()
      .flatMap((one) => selectorsOf(one.expression))
      .map((selector) => selector.metric)
      .filter((metric) => !recorded.has(metric)),
  );
  assert.ok(named.size > 30);
  await until(
    'Prometheus has scraped both',
    async () => (await prometheus.query('up == 1')).length === 2,
  );
  const scraped = new Set([...(await prometheus.ask('label/__name__/values')), 'ALERTS']);
  assert.deepEqual([...named].filter((metric) => !scraped.has(metric)).sort(), []);
});

test('nothing fires while all is well, but the watchdog, which comes again after a 500', async () => {
  await receiver.hears('watchdog', 'Watchdog');
  assert.equal(receiver.refused.filter((one) => one.path === '/watchdog').length, 1);
  // In its first seconds Prometheus knows no process yet, which is an alert here.
  await until('all is well', async () => (await prometheus.firing()).length === 0, 45);
});

test('the expressions of all panels are answered', async () => {
  for (const { expression } of expressionsOfPanels()) {
    if (!emptyByNature.test(expression)) {
      await prometheus.sees(expression); // a rate takes two scrapes
    } else {
      await prometheus.query(expression);
    }
  }
});

test('a refused key is told at once', { timeout: 60_000 * secondsAMinute }, async () => {
  for (let i = 1; i <= 3; ++i) {
    await ended(await stack.convert(i, '[[sim:403]]'));
  }
  const { alerts } = await receiver.hears('now', 'ProviderKeyRefused');
  assert.match(alerts[0].annotations.summary, /permission/);
});

test(
  'a provider that fails opens the breaker, which is told of',
  { timeout: 60_000 * secondsAMinute },
  async () => {
    await stack.convert(24, '[[sim:503]]');
    await receiver.hears('day', 'BreakerOpen');
  },
);

test(
  'a process that is gone is told of, and that it is back',
  { timeout: 60_000 * secondsAMinute },
  async () => {
    await stack.service.stop('SIGKILL');
    const { alerts } = await receiver.hears('now', 'TargetDown', 'firing', { case: 'down' });
    assert.equal(alerts[0].labels.instance, `127.0.0.1:${stack.ports[0]}`);
    await stack.startService();
    await receiver.hears('now', 'TargetDown', 'resolved', { case: 'down' });
  },
);

test('promtool has nothing to complain of in what is scraped', async () => {
  for (const which of [0, 1]) {
    const check = spawnSync('promtool', ['check', 'metrics'], {
      input: await stack.metrics(which),
      encoding: 'utf8',
    });
    assert.equal(check.stderr, '');
  }
});

test('each rule was evaluated without an error', async () => {
  const { groups } = await prometheus.ask('rules');
  const rules = groups.flatMap((group) => group.rules);
  assert.equal(rules.length, alertingRules().length + recordingRules().length);
  assert.deepEqual(
    rules.filter((rule) => rule.health !== 'ok').map((rule) => [rule.name, rule.lastError]),
    [],
  );
});
