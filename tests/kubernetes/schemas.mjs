// SPDX-License-Identifier: MIT
// Objects beside the schemas of their kinds. The schemas say what is missing or of a wrong type, and let unknown members
// pass; an API server does not. So each object is watched: a member that its validator never looks at is unknown.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const core = (name) => ['kubernetes-models', `IoK8sApi${name}`];
const kinds = {
  'v1/ConfigMap': core('CoreV1ConfigMap'),
  'v1/Namespace': core('CoreV1Namespace'),
  'v1/Service': core('CoreV1Service'),
  'apps/v1/Deployment': core('AppsV1Deployment'),
  'apps/v1/StatefulSet': core('AppsV1StatefulSet'),
  'policy/v1/PodDisruptionBudget': core('PolicyV1PodDisruptionBudget'),
  'networking.k8s.io/v1/NetworkPolicy': core('NetworkingV1NetworkPolicy'),
  'autoscaling/v2/HorizontalPodAutoscaler': core('AutoscalingV2HorizontalPodAutoscaler'),
  'keda.sh/v1alpha1/ScaledObject': ['@kubernetes-models/keda', 'KedaShV1alpha1ScaledObject'],
  'cert-manager.io/v1/Certificate': [
    '@kubernetes-models/cert-manager',
    'CertManagerIoV1Certificate',
  ],
  'monitoring.coreos.com/v1/ServiceMonitor': [
    '@kubernetes-models/prometheus-operator',
    'MonitoringCoreosComV1ServiceMonitor',
  ],
  'monitoring.coreos.com/v1/PrometheusRule': [
    '@kubernetes-models/prometheus-operator',
    'MonitoringCoreosComV1PrometheusRule',
  ],
};

/** Members that are newer than these schemas. */
const newer = [
  /^\/spec\/fallback\/behavior$/, // KEDA 2.17
  /^\/spec\/groups\/\d+\/rules\/\d+\/keep_firing_for$/, // Prometheus' operator 0.65
];

/** The value, which notes in `seen` the paths of the members that somebody has read. */
function watched(value, path, seen) {
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const isArray = Array.isArray(value);
  const copy = isArray ? [] : {};
  for (const key of Object.keys(value)) {
    copy[key] = watched(value[key], `${path}/${key}`, seen);
    if (!isArray) {
      seen.set(`${path}/${key}`, false);
    }
  }
  return new Proxy(copy, {
    get(target, key, receiver) {
      if (seen.has(`${path}/${String(key)}`)) {
        seen.set(`${path}/${String(key)}`, true);
      }
      return Reflect.get(target, key, receiver);
    },
  });
}

/** What an API server would refuse of an object. */
export function againstSchema(object) {
  const found = kinds[`${object.apiVersion}/${object.kind}`];
  if (!found) {
    return [`${object.apiVersion} ${object.kind} is no known kind`];
  }
  const { validate } = require(join(process.env.MODULES, found[0], '_schemas', `${found[1]}.js`));
  const seen = new Map();
  const isValid = validate(watched(object, '', seen));
  const wrong = isValid
    ? []
    : validate.errors.map(
        (error) =>
          `${error.instancePath} ${error.message ?? error.keyword} ${JSON.stringify(error.params)}`,
      );
  const unknown = [...seen]
    .filter(([path, isKnown]) => !isKnown && !newer.some((one) => one.test(path)))
    .map(([path]) => `${path} is unknown`);
  return [...wrong, ...(isValid ? unknown : [])];
}
