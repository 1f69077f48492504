// SPDX-License-Identifier: MIT
// What the objects of one installation have to be to each other.
import { againstRestricted } from './restricted.mjs';
import { againstSchema } from './schemas.mjs';

const seconds = (duration) => Number(/^(\d+)s$/.exec(duration ?? '30s')?.[1] ?? NaN);
const bytes = (quantity) =>
  Number.parseFloat(quantity) * { Mi: 2 ** 20, Gi: 2 ** 30 }[quantity.slice(-2)];
const includes = (labels, selector) =>
  Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value);
const podOf = (object) => object.spec?.template?.spec;
const nameOf = (object) => `${object.kind} ${object.metadata?.name}`;

export class Installation {
  constructor(objects) {
    this.objects = objects;
  }

  of = (...kinds) => this.objects.filter((object) => kinds.includes(object.kind));
  workloads = () => this.of('Deployment', 'StatefulSet');
  /** Of the service itself, not of the sim. */
  processes = () =>
    this.workloads().filter(
      (one) => one.spec.template.metadata.labels['app.kubernetes.io/component'],
    );
  settingsOf = (workload) =>
    Object.assign(
      {},
      ...(podOf(workload).containers[0].envFrom ?? []).map(
        (from) =>
          this.of('ConfigMap').find((one) => one.metadata.name === from.configMapRef?.name)?.data,
      ),
    );
  scalers = () => this.of('ScaledObject', 'HorizontalPodAutoscaler');

  /** Everything that is wrong, each with the object's name in front. */
  complaints() {
    const found = [];
    const say = (object, what) => found.push(`${nameOf(object)}: ${what}`);
    for (const object of this.objects) {
      againstSchema(object).forEach((what) => say(object, what));
    }
    if (found.length > 0) {
      return found; // what follows trusts the form
    }
    this.workloads().forEach((one) => this.#checkWorkload(one, (what) => say(one, what)));
    this.processes().forEach((one) => this.#checkProcess(one, (what) => say(one, what)));
    this.of('Service').forEach((one) => this.#checkService(one, (what) => say(one, what)));
    this.of('PodDisruptionBudget').forEach((one) =>
      this.#checkBudget(one, (what) => say(one, what)),
    );
    this.of('NetworkPolicy').forEach((one) => this.#checkPolicy(one, (what) => say(one, what)));
    this.scalers().forEach((one) => this.#checkScaler(one, (what) => say(one, what)));
    return found;
  }

  #checkWorkload(workload, say) {
    const pod = podOf(workload);
    againstRestricted(pod).forEach(say);
    if (!includes(workload.spec.template.metadata.labels, workload.spec.selector.matchLabels)) {
      say('its selector does not choose its own pods');
    }
    if (pod.automountServiceAccountToken !== false) {
      say('pods get a token of the API server');
    }
    if (pod.enableServiceLinks !== false) {
      say('pods get variables of all services');
    }
    const volumes = new Set(
      [
        ...(pod.volumes ?? []),
        ...(workload.spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata),
      ].map((v) => v.name),
    );
    for (const container of pod.containers) {
      if (container.securityContext.readOnlyRootFilesystem !== true) {
        say('its root file system can be written');
      }
      for (const mount of container.volumeMounts ?? []) {
        if (mount.subPath) {
          say(`${mount.mountPath} is mounted by subPath, and never changes`);
        }
        if (!volumes.has(mount.name)) {
          say(`there is no volume ${mount.name}`);
        }
      }
      if (!container.resources?.limits?.memory || container.resources.limits.cpu) {
        say('needs a limit of memory, and none of the processor');
      }
    }
    for (const volume of pod.volumes ?? []) {
      if (volume.emptyDir && !volume.emptyDir.sizeLimit) {
        say(`the folder ${volume.name} has no size limit`);
      }
    }
  }

  #checkProcess(workload, say) {
    const pod = podOf(workload);
    const [container] = pod.containers;
    const settings = this.settingsOf(workload);
    if (Object.keys(settings).length === 0) {
      say('its ConfigMap is not there');
    }
    for (const [name, path] of [
      ['startupProbe', '/health/started'],
      ['readinessProbe', '/health/ready'],
      ['livenessProbe', '/health/live'],
    ]) {
      if (container[name]?.httpGet?.path !== path) {
        say(`${name} does not ask ${path}`);
      }
    }
    const preStop =
      container.lifecycle?.preStop?.sleep?.seconds ??
      Number(container.lifecycle?.preStop?.exec?.command[1] ?? 0);
    const needed = preStop + seconds(settings.WORKER_SHUTDOWN_TIMEOUT) + 10;
    if (!(needed <= pod.terminationGracePeriodSeconds)) {
      say(`needs a grace of ${needed} s, and has ${pod.terminationGracePeriodSeconds}`);
    }
    if (settings.WORKER_ROLE === 'coordinator' && preStop < 5) {
      say('ends before the proxies know');
    }
    const folders = (pod.volumes ?? [])
      .filter((v) => v.emptyDir)
      .reduce((sum, v) => sum + bytes(v.emptyDir.sizeLimit), 0);
    const { requests, limits } = container.resources;
    if (workload.kind === 'Deployment') {
      if (
        requests['ephemeral-storage'] !== limits['ephemeral-storage'] ||
        folders > bytes(limits['ephemeral-storage'])
      ) {
        say('its folders do not fit into its ephemeral storage');
      }
      if (
        settings.RESULT_CACHE_MAX_BYTES * 1.2 >
        bytes(pod.volumes.find((v) => v.name === 'data').emptyDir.sizeLimit)
      ) {
        say('the result cache does not fit into the data folder');
      }
      if (workload.spec.strategy?.rollingUpdate?.maxUnavailable !== 0) {
        say('a rollout takes pods away before others are there');
      }
      const spread = pod.topologySpreadConstraints ?? [];
      if (
        spread.length !== 2 ||
        !spread.every((one) => one.matchLabelKeys?.includes('pod-template-hash'))
      ) {
        say('is not spread, or counts the pods of before');
      }
    }
    for (const name of Object.keys(settings)) {
      if (
        /(_KEY|_KEYS|_SECRET|_KEY_ID|^REDIS_URL|^DATABASE_URL)$/.test(name) &&
        name !== 'NODE_TLS_KEY'
      ) {
        say(`the secret ${name} is in a ConfigMap`);
      }
    }
  }

  #checkService(service, say) {
    const chosen = this.workloads().filter((one) =>
      includes(one.spec.template.metadata.labels, service.spec.selector),
    );
    if (chosen.length === 0) {
      say('chooses no pods');
    }
    for (const port of service.spec.ports) {
      const isThere = (one) =>
        podOf(one).containers.some((c) => c.ports?.some((p) => p.name === port.targetPort));
      if (!chosen.every(isThere)) {
        say(`no port ${port.targetPort} behind it`);
      }
    }
  }

  #checkBudget(budget, say) {
    const chosen = this.workloads().find((one) =>
      includes(one.spec.template.metadata.labels, budget.spec.selector.matchLabels),
    );
    const scaler = this.scalers().find(
      (one) => one.spec.scaleTargetRef.name === chosen?.metadata.name,
    );
    const fewest =
      scaler?.spec.minReplicaCount ?? scaler?.spec.minReplicas ?? chosen?.spec.replicas ?? 0;
    if (fewest < 2) {
      say('keeps a host from being drained: there are fewer than two pods');
    }
    if (budget.spec.unhealthyPodEvictionPolicy !== 'AlwaysAllow') {
      say('keeps sick pods where they are');
    }
  }

  #checkPolicy(policy, say) {
    for (const rule of policy.spec.egress ?? []) {
      for (const { ipBlock } of rule.to ?? []) {
        if (
          ipBlock?.cidr === '0.0.0.0/0' &&
          !['169.254.0.0/16', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].every((net) =>
            ipBlock.except?.includes(net),
          )
        ) {
          say('lets out to the metadata service or to private addresses');
        }
      }
    }
    const closes =
      policy.spec.policyTypes.includes('Ingress') && policy.spec.policyTypes.includes('Egress');
    const names = (policy.spec.egress ?? []).find(
      (rule) => !rule.to && rule.ports?.some((p) => p.port === 53 && p.protocol === 'UDP'),
    );
    if (closes && !names) {
      say('no name can be looked up');
    }
  }

  #checkScaler(scaler, say) {
    if (this.scalers().length > 1) {
      say('there are two scalers');
    }
    const target = this.workloads().find(
      (one) => one.metadata.name === scaler.spec.scaleTargetRef.name,
    );
    if (!target || 'replicas' in target.spec) {
      say('its target is missing, or has a number of its own');
    }
    const fewest = scaler.spec.minReplicaCount ?? scaler.spec.minReplicas;
    if (!(fewest >= 1)) {
      say('may send everybody home');
    }
    const slots = Number(this.settingsOf(target ?? this.workloads()[0]).WORKER_MAX_WORKERS);
    for (const trigger of scaler.spec.triggers ?? []) {
      if (
        Number(trigger.metadata.threshold) !== slots ||
        trigger.metadata.ignoreNullValues !== 'false'
      ) {
        say('does not divide by the slots of a pod, or takes no answer for none');
      }
    }
  }
}
