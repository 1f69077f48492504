// SPDX-License-Identifier: MIT
// deploy/kubernetes and deploy/helm, rendered by the real kubectl and helm of two releases each.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import {
  chartText,
  helm,
  kustomize,
  kustomizeText,
  overlays,
  plain,
  rendered,
  valuesOf,
  versions,
} from './render.mjs';
import { Installation } from './rules.mjs';

const { ROOT, SCRATCH, STAYLER_WORKER } = process.env;
const prod = valuesOf('prod');
const refused = (...args) => {
  const done = helm('35', 'template', ...args);
  assert.notEqual(done.status, 0, `taken: ${args}`);
  return done.stderr;
};

for (const overlay of overlays) {
  test(`${overlay}: the overlay is what it has to be`, () => {
    assert.deepEqual(new Installation(kustomize('35', overlay)).complaints(), []);
  });

  test(`${overlay}: both kubectl render the same, twice`, () => {
    const text = kustomizeText('31', overlay);
    assert.equal(kustomizeText('31', overlay), text);
    assert.equal(kustomizeText('35', overlay), text);
  });

  test(`${overlay}: both helm take the chart, and render the same, twice`, () => {
    for (const version of versions) {
      const lint = helm(version, 'lint', '--strict', ...valuesOf(overlay));
      assert.equal(lint.status, 0, lint.stdout + lint.stderr);
    }
    const text = chartText('31', ...valuesOf(overlay));
    assert.equal(chartText('31', ...valuesOf(overlay)), text);
    assert.equal(chartText('35', ...valuesOf(overlay)), text);
  });

  test(`${overlay}: the chart's values make what the overlay is`, () => {
    assert.deepEqual(plain(rendered('35', ...valuesOf(overlay))), plain(kustomize('35', overlay)));
  });
}

test('the chart is what it has to be with what no overlay uses', () => {
  const cases = [
    [...prod, '--set', 'autoscaling.type=hpa'],
    [...prod, '--set', 'autoscaling.type=none'],
    [...prod, '--set', 'monitoring.dashboards=true,monitoring.labels.release=prometheus'],
    [...prod, '--set', 'coordinator.replicas=1,worker.replicas=1,autoscaling.type=none'],
    [
      ...prod,
      '--set',
      'coordinator.priorityClassName=high,worker.nodeSelector.disk=fast,image.digest=sha256:' +
        'a'.repeat(64),
    ],
    [...prod, '--kube-version', '1.29.4'],
  ];
  for (const args of cases) {
    assert.deepEqual(new Installation(rendered('35', ...args)).complaints(), [], args.join(' '));
  }
  const before = rendered('35', ...prod, '--kube-version', '1.29.4').find(
    (one) => one.kind === 'Deployment',
  );
  assert.deepEqual(before.spec.template.spec.containers[0].lifecycle.preStop, {
    exec: { command: ['sleep', '8'] },
  });
  const dashboards = rendered('35', ...prod, '--set', 'monitoring.dashboards=true').filter(
    (one) => one.metadata.labels.grafana_dashboard,
  );
  assert.equal(dashboards.length, 5);
  assert.equal(JSON.parse(dashboards[0].data['actors.json']).uid, 'stayler-actors');
});

test('the component hpa is what the chart makes', () => {
  const folder = join(ROOT, 'deploy/kubernetes/components/hpa/autoscaler.yaml');
  const chart = rendered('35', ...prod, '--set', 'autoscaling.type=hpa').find(
    (one) => one.kind === 'HorizontalPodAutoscaler',
  );
  assert.deepEqual(parse(readFileSync(folder, 'utf8')).spec, chart.spec);
});

test('the chart refuses what cannot work, and says why', () => {
  assert.match(refused(), /STORAGE_URL is missing/);
  assert.match(
    refused(...prod, '--set', 'coordinator.gracePeriodSeconds=30'),
    /coordinator\.gracePeriodSeconds is 30, and has to be at least 38/,
  );
  assert.match(
    refused(...prod, '--set', 'worker.shutdownSeconds=111'),
    /worker\.gracePeriodSeconds is 120, and has to be at least 121/,
  );
  assert.match(
    refused(...valuesOf('dev'), '--set', 'single.gracePeriodSeconds=39'),
    /single\.gracePeriodSeconds is 39/,
  );
  assert.match(
    refused(...valuesOf('dev'), '--set', 'autoscaling.type=keda'),
    /none with mode single/,
  );
  assert.match(
    refused(...prod, '--set', 'settings.GEMINI_API_KEY=x'),
    /GEMINI_API_KEY is a secret/,
  );
  assert.match(
    refused(...prod, '--set', 'worker.settings.WORKER_SHUTDOWN_TIMEOUT=5s'),
    /made of other values/,
  );
  assert.match(
    refused(...prod, '--set', 'autoscaling.minReplicas=30'),
    /minReplicas is more than maxReplicas/,
  );
});

test('the chart refuses values that it does not know', () => {
  for (const typo of [
    'worker.slot=9',
    'coordinator.replica=3',
    'networkPolicies.enabled=true',
    'mode=both',
    'autoscaling.type=both',
    'image.digest=latest',
    'settings.lower=x',
  ]) {
    assert.match(
      refused(...prod, '--set', typo),
      /don't meet the specifications of the schema|schema/i,
      typo,
    );
  }
});

/** What must not pass, by what is said of it. */
const mutations = {
  'livenesProbe is unknown': (of) => {
    const [container] = of('Deployment', 'coordinator').spec.template.spec.containers;
    container.livenesProbe = container.livenessProbe;
    delete container.livenessProbe;
  },
  '/spec/replicas type': (of) => (of('Deployment', 'coordinator').spec.replicas = 'two'),
  'is no known kind': (of) => (of('PodDisruptionBudget', 'worker').apiVersion = 'policy/v1beta1'),
  'metricTyp is unknown': (of) =>
    (of('ScaledObject', 'worker').spec.triggers[0].metricTyp = 'Value'),
  '/spec required {"missingProperty":"secretName"}': (of) =>
    delete of('Certificate', 'worker').spec.secretName,
  'restricted profile: privileged containers': (of) =>
    (containerOf(of).securityContext.privileged = true),
  'restricted profile: capabilities': (of) =>
    (containerOf(of).securityContext.capabilities.drop = ['NET_RAW']),
  'restricted profile: running as non-root': (of) =>
    (of('Deployment', 'worker').spec.template.spec.securityContext.runAsUser = 0),
  'restricted profile: seccomp': (of) =>
    delete of('Deployment', 'worker').spec.template.spec.securityContext.seccompProfile,
  'restricted profile: volume types': (of) =>
    of('Deployment', 'worker').spec.template.spec.volumes.push({
      name: 'host',
      hostPath: { path: '/' },
    }),
  'restricted profile: privilege escalation': (of) =>
    delete containerOf(of).securityContext.allowPrivilegeEscalation,
  'its root file system can be written': (of) =>
    (containerOf(of).securityContext.readOnlyRootFilesystem = false),
  'needs a grace of 110 s, and has 30': (of) =>
    (of('Deployment', 'worker').spec.template.spec.terminationGracePeriodSeconds = 30),
  'ends before the proxies know': (of) =>
    delete of('Deployment', 'coordinator').spec.template.spec.containers[0].lifecycle,
  'readinessProbe does not ask /health/ready': (of) =>
    (containerOf(of).readinessProbe.httpGet.path = '/health'),
  'is mounted by subPath': (of) => (containerOf(of).volumeMounts[2].subPath = 'gemini-api-key'),
  'its ConfigMap is not there': (of) =>
    (containerOf(of).envFrom[0].configMapRef.name = 'stayler-workers'),
  'the secret REDIS_URL is in a ConfigMap': (of, objects) =>
    (objects.find(
      (one) => one.kind === 'ConfigMap' && one.data.WORKER_ROLE === 'coordinator',
    ).data.REDIS_URL = 'redis://x:y@z'),
  'its selector does not choose its own pods': (of) =>
    (of('Deployment', 'worker').spec.selector.matchLabels.tier = 'x'),
  'Service stayler-coordinators: chooses no pods': (of) =>
    (of('Service', 'coordinators').spec.selector['app.kubernetes.io/component'] = 'coordinators'),
  'no port grpc behind it': (of) => (of('Service', 'api').spec.ports[0].targetPort = 'grpc'),
  'fewer than two pods': (of) => (of('Deployment', 'coordinator').spec.replicas = 1),
  'to the metadata service': (of) =>
    of('NetworkPolicy', 'all').spec.egress[2].to[0].ipBlock.except.splice(3, 1),
  'no name can be looked up': (of) => of('NetworkPolicy', 'all').spec.egress.shift(),
  'has a number of its own': (of) => (of('Deployment', 'worker').spec.replicas = 3),
  'may send everybody home': (of) => (of('ScaledObject', 'worker').spec.minReplicaCount = 0),
  'does not divide by the slots of a pod': (of) =>
    (of('ScaledObject', 'worker').spec.triggers[0].metadata.threshold = '1'),
  'there are two scalers': (of, objects) =>
    objects.push(
      rendered('35', ...prod, '--set', 'autoscaling.type=hpa').find(
        (one) => one.kind === 'HorizontalPodAutoscaler',
      ),
    ),
  'do not fit into its ephemeral storage': (of) =>
    (of('Deployment', 'worker').spec.template.spec.volumes[0].emptyDir.sizeLimit = '9Gi'),
  'takes pods away before others are there': (of) =>
    (of('Deployment', 'worker').spec.strategy.rollingUpdate.maxUnavailable = 1),
};
const containerOf = (of) => of('Deployment', 'worker').spec.template.spec.containers[0];

test('each of many ways to break it is found', async (t) => {
  const whole = kustomize('35', 'prod');
  assert.ok(Object.keys(mutations).length >= 20);
  for (const [complaint, mutate] of Object.entries(mutations)) {
    await t.test(complaint, () => {
      const objects = structuredClone(whole);
      mutate(
        (kind, name) =>
          objects.find((one) => one.kind === kind && one.metadata.name === `stayler-${name}`),
        objects,
      );
      const complaints = new Installation(objects).complaints();
      assert.ok(
        complaints.some((one) => one.includes(complaint)),
        `${complaint}: ${complaints}`,
      );
    });
  }
});

/** The files that the Secrets, certificates and volumes of a pod would be, and where they are here. */
function filesOf(overlay, certificateOf) {
  const folder = join(SCRATCH, `${overlay}-${certificateOf?.metadata.name}`);
  const [secrets, certificate, authority] = ['secrets', 'certificate', 'authority'].map((name) =>
    join(folder, name),
  );
  [secrets, certificate, authority, join(folder, 'data')].forEach((path) =>
    mkdirSync(path, { recursive: true }),
  );
  if (certificateOf) {
    // With the names and the usage that the Certificate asks for; its own authority.
    const { dnsNames, usages } = certificateOf.spec;
    const usage = usages.includes('server auth') ? 'serverAuth' : 'clientAuth';
    const pair = ['-keyout', join(certificate, 'tls.key'), '-out', join(certificate, 'tls.crt')];
    const names = dnsNames.map((name) => `DNS:${name}`).join(',');
    const extensions = [`subjectAltName=${names}`, `extendedKeyUsage=${usage}`].flatMap((one) => [
      '-addext',
      one,
    ]);
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    execFileSync(
      'openssl',
      ['req', '-x509', ...key, ...pair, '-days', '90', '-subj', '/CN=test', ...extensions],
      {
        stdio: 'pipe',
      },
    );
    cpSync(join(certificate, 'tls.crt'), join(authority, 'ca.pem'));
  }
  const contents = {
    'api-keys': `web:submitter:${'0'.repeat(64)}`,
    'link-secret': 'x'.repeat(40),
    'redis-url': 'redis://stayler:secret@redis:6379/0',
    'database-url': 'postgres://stayler:secret@postgres:5432/stayler',
    'gemini-api-key': 'key',
    's3-access-key-id': 'id',
    's3-secret-access-key': 'key',
  };
  for (const [name, content] of Object.entries(contents)) {
    writeFileSync(join(secrets, name), content, { mode: 0o600 });
  }
  return (value) =>
    value
      .replace('/run/secrets/stayler', secrets)
      .replace('/run/certificate', certificate)
      .replace('/run/authority', authority)
      .replace('/var/lib/stayler', join(folder, 'data'));
}

test('the service takes the settings of each ConfigMap', async (t) => {
  for (const overlay of overlays) {
    const installation = new Installation(kustomize('35', overlay));
    for (const workload of installation.processes()) {
      const here = filesOf(
        overlay,
        installation.of('Certificate').find((one) => one.metadata.name === workload.metadata.name),
      );
      await t.test(`${overlay}: ${workload.metadata.name}`, () => {
        const settings = Object.entries(installation.settingsOf(workload)).map(([name, value]) => [
          name,
          here(value),
        ]);
        const check = (more = {}) =>
          spawnSync(STAYLER_WORKER, ['--check-config'], {
            encoding: 'utf8',
            env: {
              PATH: process.env.PATH,
              NODE_NAME: 'stayler-worker-6d5f8c9b7d-x2x4z.nodes.stayler',
              ...Object.fromEntries(settings),
              ...more,
            },
          });
        const good = check();
        assert.equal(good.status, 0, good.stdout + good.stderr);
        assert.notEqual(check({ WORKER_MAX_WORKER: '3' }).status, 0);
        if (workload.metadata.name === 'stayler-worker') {
          assert.match(check({ NODE_NAME: 'stayler-worker-0' }).stderr, /not for this node's name/);
        }
        assert.notEqual(check({ GEMINI_API_KEY_FILE: '/no/such/file' }).status, 0);
      });
    }
  }
});

test('nothing is generated in the chart that changes from one rendering to the next', () => {
  for (const version of versions) {
    assert.doesNotMatch(chartText(version, ...prod), /kind: Secret\n/);
  }
});
