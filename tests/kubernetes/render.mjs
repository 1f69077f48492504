// SPDX-License-Identifier: MIT
// The overlays and the chart as the real programs render them.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const { ROOT, PROGRAMS, SCRATCH } = process.env;
export const versions = ['31', '35'];
export const overlays = ['dev', 'prod', 'short', 'spot'];
const chart = join(ROOT, 'deploy/helm/stayler-worker');
const environment = { PATH: process.env.PATH, HOME: SCRATCH };

/** The values by which the chart is the same as an overlay. */
export const valuesOf = (overlay) =>
  (['short', 'spot'].includes(overlay) ? ['prod', overlay] : [overlay]).flatMap((name) => [
    '-f',
    join(chart, 'examples', `${name}.yaml`),
  ]);

const parsed = (text) =>
  parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter(Boolean);

export const kustomizeText = (version, overlay) =>
  execFileSync(
    join(PROGRAMS, `kubectl-${version}`),
    ['kustomize', join(ROOT, 'deploy/kubernetes/overlays', overlay)],
    { encoding: 'utf8', env: environment },
  );
export const kustomize = (version, overlay) => parsed(kustomizeText(version, overlay));

export function helm(version, ...args) {
  const [verb, ...rest] = args;
  return spawnSync(
    join(PROGRAMS, `helm-${version}`),
    [
      verb,
      ...(verb === 'template' ? ['stayler', chart, '--namespace', 'stayler'] : [chart]),
      ...rest,
    ],
    {
      encoding: 'utf8',
      env: environment,
    },
  );
}
export function chartText(version, ...args) {
  const done = helm(version, 'template', ...args);
  if (done.status !== 0) {
    throw new Error(done.stderr);
  }
  return done.stdout;
}
export const rendered = (version, ...args) => parsed(chartText(version, ...args));

/** An installation without what is kustomize's or Helm's own: hashes in names, labels of the chart, the namespace. */
export function plain(objects) {
  const text = JSON.stringify(objects.filter((object) => object.kind !== 'Namespace'));
  const same = JSON.parse(
    text.replaceAll(/"(stayler-(?:coordinator|worker|single))-[0-9a-z]{10}"/g, '"$1"'),
  );
  for (const { metadata, spec } of same) {
    delete metadata.namespace;
    for (const label of ['app.kubernetes.io/managed-by', 'helm.sh/chart']) {
      delete metadata.labels[label];
    }
    const pod = spec?.template?.metadata;
    delete pod?.annotations?.['checksum/settings'];
    if (pod && Object.keys(pod.annotations ?? {}).length === 0) {
      delete pod.annotations;
    }
  }
  const key = (object) => `${object.kind} ${object.metadata.name}`;
  return same.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
