// SPDX-License-Identifier: MIT
// The real Prometheus and Alertmanager with the committed configuration, whose minutes are seconds here (more where programs
// are slow, see secondsAMinute), and a receiver.
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { stringify } from 'yaml';
import { freePort, json, secondsAMinute, until } from './programs.mjs';
import { text, yaml } from './files.mjs';

const inMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
export const quicker = (duration) =>
  duration.replace(
    /(\d+)([smhdw])/,
    (_, n, unit) => `${(Number(n) * inMs[unit] * secondsAMinute) / 60}ms`,
  );

/** Rules with a sixtieth of each duration, or more: of `for`, ranges, offsets and forecasts. Thresholds stay as they are. */
export const quickRules = (file) =>
  text('config/prometheus', file)
    .replaceAll(
      /^( +(?:keep_firing_)?for: )(\w+)$/gm,
      (_, key, duration) => key + quicker(duration),
    )
    .replaceAll(/\[(\d+[smhdw])\]/g, (_, duration) => `[${quicker(duration)}]`)
    .replaceAll(/offset (\d+[smhdw])/g, (_, duration) => `offset ${quicker(duration)}`)
    .replace('4 * 3600)', `4 * 60 * ${secondsAMinute})`);

export async function startPrometheus(programs, targets, alertmanager) {
  for (const file of ['recording.yml', 'alerts.yml']) {
    writeFileSync(programs.path(file), quickRules(file));
  }
  const config = yaml('config/prometheus/prometheus.yml');
  config.global = {
    scrape_interval: '500ms',
    scrape_timeout: '500ms',
    evaluation_interval: '250ms',
  };
  config.alerting.alertmanagers = [{ static_configs: [{ targets: [alertmanager] }] }];
  config.scrape_configs = [{ job_name: 'stayler', static_configs: [{ targets }] }];
  writeFileSync(programs.path('prometheus.yml'), stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  programs.start('prometheus', [
    `--config.file=${programs.path('prometheus.yml')}`,
    `--storage.tsdb.path=${programs.path('tsdb')}`,
    `--web.listen-address=${address}`,
    '--rules.alert.resend-delay=1s', // the first are sent before Alertmanager is found
  ]);
  const ask = (path) =>
    json('GET', `http://${address}/api/v1/${path}`).then((answer) => answer.data);
  await until('Prometheus is there', () => ask('status/runtimeinfo').catch(() => null));
  return {
    ask,
    query: (expression) =>
      ask(`query?query=${encodeURIComponent(expression)}`).then((data) => data.result),
    sees: (expression) =>
      until(
        `Prometheus sees ${expression}`,
        async () => (await ask(`query?query=${encodeURIComponent(expression)}`)).result.length > 0,
      ),
    /** The names of the alerts that fire, but the watchdog, and those on this machine's own disk. */
    async firing() {
      const { alerts } = await ask('alerts');
      const counts = ({ alertname, case: which }) => alertname !== 'Watchdog' && which !== 'disk';
      const firing = alerts.filter((a) => a.state === 'firing' && counts(a.labels));
      return [...new Set(firing.map((a) => a.labels.alertname))];
    },
  };
}

export async function startAlertmanager(programs, receiver) {
  const config = yaml('config/alertmanager/alertmanager.yml');
  for (const route of [config.route, ...config.route.routes]) {
    Object.assign(route, { group_wait: '100ms', group_interval: '1s' });
  }
  for (const { name, webhook_configs: hooks } of config.receivers) {
    hooks[0].url = `${receiver}/${name}`;
  }
  writeFileSync(programs.path('alertmanager.yml'), stringify(config));
  mkdirSync(programs.path('alertmanager'));
  const address = `127.0.0.1:${await freePort()}`;
  programs.start('prometheus-alertmanager', [
    `--config.file=${programs.path('alertmanager.yml')}`,
    `--storage.path=${programs.path('alertmanager')}`,
    `--web.listen-address=${address}`,
    '--cluster.listen-address=',
  ]);
  await until('Alertmanager is there', () =>
    json('GET', `http://${address}/api/v2/status`).catch(() => null),
  );
  return address;
}

const matches = (alert, labels) =>
  Object.entries(labels).every(([name, value]) => alert.labels[name] === value);

/** Takes Alertmanager's web hooks; the first that comes to each path gets 500. The service's own, at /gone, get 410. */
export class Receiver {
  refused = [];
  taken = [];

  async start() {
    this.server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += part));
      request.on('end', () => {
        if (request.url === '/gone') {
          response.writeHead(410).end();
          return;
        }
        const isFirst = !this.refused.some((one) => one.path === request.url);
        (isFirst ? this.refused : this.taken).push({ path: request.url, ...JSON.parse(body) });
        response.writeHead(isFirst ? 500 : 200).end();
      });
    });
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }

  /** Waits for a notification that was taken: to whom, of which alert, `firing` or `resolved`. */
  hears = (name, alert, status = 'firing', labels = {}) =>
    until(
      `${name} is told of ${alert}, ${status}; ${this.taken.map((one) => one.path)}`,
      () =>
        this.taken.find(
          (one) =>
            one.path === `/${name}` &&
            one.alerts.some(
              (a) => a.status === status && matches(a, { alertname: alert, ...labels }),
            ),
        ),
      40,
    );

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
