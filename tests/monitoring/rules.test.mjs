// SPDX-License-Identifier: MIT
// config/prometheus and config/alertmanager beside the programs that read them, and beside docs/operations.md.
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { alertingRules, at, recordingRules, run, runBeside, text, yaml } from './support/files.mjs';
import { complaintsAbout, selectorsOf } from './support/expressions.mjs';

const cases = readdirSync(at('tests/monitoring/rules'));
const names = [...new Set(alertingRules().map((rule) => rule.alert))];
const alertmanager = at('config/alertmanager/alertmanager.yml');
const routeOf = (...labels) =>
  run('amtool', 'config', 'routes', 'test', `--config.file=${alertmanager}`, ...labels).trim();

test('promtool takes the configuration and the rules, without a warning', () => {
  run('promtool', 'check', 'config', '--lint-fatal', at('config/prometheus/prometheus.yml'));
  for (const file of ['recording.yml', 'alerts.yml']) {
    run('promtool', 'check', 'rules', '--lint-fatal', at('config/prometheus', file));
  }
});

test('alerts fire when they should, and only then', { timeout: 240_000 }, async () => {
  const results = await Promise.allSettled(
    cases.map((file) =>
      runBeside('promtool', ['test', 'rules', at('tests/monitoring/rules', file)]),
    ),
  );
  const failures = results
    .filter((r) => r.status === 'rejected')
    .map((r) => `${r.reason.stdout}${r.reason.stderr}`);
  assert.deepEqual(failures, []);
});

test('a rule that is broken makes its tests fail', async () => {
  const broken = text('config/prometheus/alerts.yml').replace(
    '"authentication|permission',
    '"permision',
  );
  assert.notEqual(broken, text('config/prometheus/alerts.yml'));
  writeFileSync(join(process.env.SCRATCH, 'alerts.yml'), broken);
  const rules = parse(text('tests/monitoring/rules/provider.test.yml'));
  rules.rule_files = [
    at('config/prometheus/recording.yml'),
    join(process.env.SCRATCH, 'alerts.yml'),
  ];
  const file = join(process.env.SCRATCH, 'broken.test.yml');
  writeFileSync(file, JSON.stringify(rules));
  await assert.rejects(runBeside('promtool', ['test', 'rules', file]), /ProviderKeyRefused/);
});

test('each case of each alert has a test in which it fires', () => {
  const expected = new Set(
    cases
      .flatMap((file) => yaml('tests/monitoring/rules', file).tests)
      .flatMap((one) => [
        ...(one.promql_expr_test ?? []).flatMap((check) =>
          check.exp_samples.map((sample) => sample.labels),
        ),
        ...(one.alert_rule_test ?? []).map(
          (check) => `alertname="${check.alertname}", severity="none"`,
        ),
      ])
      .map((labels) =>
        ['alertname', 'case', 'severity']
          .map((l) => labels.match(new RegExp(`${l}="([^"]*)"`))?.[1] ?? '')
          .join(' '),
      ),
  );
  const fires = ({ alert, labels }) =>
    expected.has(`${alert} ${labels.case ?? ''} ${labels.severity}`);
  assert.deepEqual(
    alertingRules()
      .filter((rule) => !fires(rule))
      .map((rule) => [rule.alert, rule.labels]),
    [],
  );
});

test('each alert has its heading in docs/operations.md, and each heading its alert', () => {
  const alerts = text('docs/operations.md')
    .split('\n## When an alert fires\n')[1]
    .split('\n## ')[0];
  assert.deepEqual([...alerts.matchAll(/^### (\w+)$/gm)].map((m) => m[1]).sort(), names.toSorted());
  for (const entry of alerts.split('\n### ').slice(1)) {
    for (const part of ['Means', 'Costs', 'First', 'Then']) {
      assert.match(
        entry,
        new RegExp(`^- \\*\\*${part}\\*\\*: \\S`, 'm'),
        `${entry.split('\n')[0]}: no ${part}`,
      );
    }
  }
});

test('each alert says what, how bad, and where to read on', () => {
  for (const { alert, labels, annotations } of alertingRules()) {
    assert.match(labels.severity, /^(critical|warning|info|none)$/, alert);
    assert.equal(labels.service, 'stayler', alert);
    assert.ok(annotations.summary, alert);
    assert.equal(annotations.runbook, `docs/operations.md#${alert.toLowerCase()}`);
  }
});

test('metrics are put together as they have to be, and recorded series exist', () => {
  const recorded = new Set(recordingRules().map((rule) => rule.record));
  for (const { expr } of [...recordingRules(), ...alertingRules()]) {
    assert.deepEqual(complaintsAbout(expr), [], expr);
    for (const { metric } of selectorsOf(expr)) {
      assert.ok(!metric.includes(':') || recorded.has(metric), `nobody records ${metric}`);
    }
  }
});

test('the linter finds what it looks for', () => {
  const complaints = [
    ['sum(worker_jobs_pending)', /the same at each coordinator/],
    ['worker_jobs_pending > 0', /the same at each coordinator/],
    ['max(worker_active_workers)', /share of its process/],
    ['sum(stayler_disk_free_bytes)', /of each process/],
    ['sum(worker_jobs_total)', /only grows/],
    ['max(rate(worker_jobs_pending[5m]))', /is a gauge/],
    ['max(worker_success_rate)', /of no use/],
  ];
  for (const [expression, complaint] of complaints) {
    assert.match(complaintsAbout(expression).join('; '), complaint);
  }
  assert.throws(() => complaintsAbout('sum(rate(x[5m])'), /no PromQL/);
});

test('Alertmanager takes its configuration, and tells the right people', () => {
  run('amtool', 'check-config', alertmanager);
  assert.equal(routeOf('alertname=NoWorkers', 'severity=critical'), 'now');
  assert.equal(routeOf('alertname=Restarts', 'severity=warning'), 'day');
  assert.equal(routeOf('alertname=Budget', 'severity=info'), 'seen');
  assert.equal(routeOf('alertname=Watchdog', 'severity=none'), 'watchdog');
  assert.equal(routeOf('alertname=OfSomebodyElse'), 'day');
});
