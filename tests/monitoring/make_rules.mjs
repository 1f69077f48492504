// SPDX-License-Identifier: MIT
// Writes the rules as Prometheus' operator takes them: usage: make_rules FILE.
import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { yaml } from './support/files.mjs';

const groups = ['recording.yml', 'alerts.yml'].flatMap(
  (file) => yaml('config/prometheus', file).groups,
);
const rules = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PrometheusRule',
  metadata: { name: 'stayler' },
  spec: { groups },
};
const head =
  '# Made by scripts/update-monitoring of config/prometheus; deploy/kubernetes holds it to that.\n';
writeFileSync(process.argv[2], head + stringify(rules, { lineWidth: 0 }));
