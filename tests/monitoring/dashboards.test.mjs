// SPDX-License-Identifier: MIT
// The committed dashboards beside their source, and each of their panels.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { at, dashboards, panelsOf, recordingRules, run, text, yaml } from './support/files.mjs';
import { complaintsAbout, selectorsOf, withoutVariables } from './support/expressions.mjs';

const scratch = process.env.SCRATCH;
const tool = (name) => join(scratch, '../node_modules/.bin', name);
const each = function* () {
  for (const { name, dashboard } of dashboards()) {
    for (const panel of panelsOf(dashboard).filter((one) => one.type !== 'row')) {
      yield { where: `${name}: ${panel.title}`, panel };
    }
  }
};

test('what is committed is what the source makes', { timeout: 120_000 }, () => {
  run(tool('tsc'), '-p', join(scratch, 'source'));
  const folder = join(scratch, 'dashboards');
  mkdirSync(folder);
  run('node', join(scratch, 'made/main.js'), folder);
  assert.deepEqual(readdirSync(folder), readdirSync(at('config/grafana/dashboards')));
  for (const name of readdirSync(folder)) {
    assert.equal(
      text('config/grafana/dashboards', name),
      readFileSync(join(folder, name), 'utf8'),
      `${name}: run scripts/update-monitoring`,
    );
  }
});

test('the sources have one form', () => {
  const sources = [
    'config/grafana/source/*.ts',
    'tests/monitoring/**/*.mjs',
    'tests/kubernetes/*.mjs',
  ].map((path) => at(path));
  run(
    tool('prettier'),
    '--config',
    at('web/.prettierrc.json'),
    '--check',
    '--log-level',
    'warn',
    '--no-error-on-unmatched-pattern',
    ...sources,
  );
});

test('each panel says what it shows, in which unit, and where to read on', () => {
  const headings = new Set(
    [...text('docs/operations.md').matchAll(/^##+ (.*)$/gm)].map((m) =>
      m[1].toLowerCase().replaceAll(' ', '-'),
    ),
  );
  const panels = [...each()];
  assert.ok(panels.length >= 40);
  for (const { where, panel } of panels) {
    assert.ok(panel.description, `${where}: no description`);
    assert.ok(panel.fieldConfig.defaults.unit, `${where}: no unit`);
    assert.equal(panel.datasource.uid, '${datasource}', where);
    const [page, heading] = panel.links[0].url.split('#');
    assert.equal(page, '$runbooks', where);
    assert.ok(headings.has(heading), `${where}: docs/operations.md has no ${heading}`);
  }
});

test('expressions are PromQL, put metrics together as they have to be, and choose by the variables', () => {
  const recorded = new Set(recordingRules().map((rule) => rule.record));
  for (const { where, panel } of each()) {
    for (const { expr } of panel.targets) {
      const expression = withoutVariables(expr);
      assert.deepEqual(complaintsAbout(expression), [], where);
      for (const { metric } of selectorsOf(expression)) {
        assert.ok(
          !metric.includes(':') || recorded.has(metric),
          `${where}: nobody records ${metric}`,
        );
      }
      for (const [, matchers] of expr.matchAll(/\{([^{}]*=[^{}]*)\}/g)) {
        assert.match(matchers, /namespace=~"\$namespace"/, where);
      }
      assert.doesNotMatch(
        expr,
        /\brate\([^[]*\[(?!\$__rate_interval)/,
        `${where}: a window that does not follow the zoom`,
      );
    }
  }
});

test('Grafana finds the dashboards and their data source', () => {
  const [source] = yaml('config/grafana/provisioning/datasources/prometheus.yaml').datasources;
  assert.equal(
    source.jsonData.timeInterval,
    yaml('config/prometheus/prometheus.yml').global.scrape_interval,
  );
  assert.equal(source.url, 'http://prometheus:9090');
  const [provider] = yaml('config/grafana/provisioning/dashboards/stayler.yaml').providers;
  const mounted = yaml('docker-compose.yml').services.grafana.volumes.map((volume) =>
    volume.split(':'),
  );
  assert.ok(
    mounted.some(
      ([from, to]) => from === './config/grafana/dashboards' && to === provider.options.path,
    ),
  );
  const ids = dashboards().map(({ dashboard }) => dashboard.uid);
  assert.equal(new Set(ids).size, ids.length);
});
