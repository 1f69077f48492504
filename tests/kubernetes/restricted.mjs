// SPDX-License-Identifier: MIT
// The profile "restricted" of the pod security standards, one check for each of its controls.
const containersOf = (pod) => [
  ...(pod.initContainers ?? []),
  ...(pod.containers ?? []),
  ...(pod.ephemeralContainers ?? []),
];
const all = (pod, isGood) => containersOf(pod).every(isGood);
const allowedVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
const allowedSysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
];
const contexts = (pod) => [
  pod.securityContext ?? {},
  ...containersOf(pod).map((c) => c.securityContext ?? {}),
];

/** Each control by its name; a function that is true where a pod keeps to it. */
export const controls = {
  'host namespaces': (pod) => !pod.hostNetwork && !pod.hostPID && !pod.hostIPC,
  'privileged containers': (pod) => all(pod, (c) => !c.securityContext?.privileged),
  'host processes': (pod) => contexts(pod).every((context) => !context.windowsOptions?.hostProcess),
  'volume types': (pod) =>
    (pod.volumes ?? []).every((v) =>
      Object.keys(v).every((key) => key === 'name' || allowedVolumes.includes(key)),
    ),
  'host ports': (pod) => all(pod, (c) => (c.ports ?? []).every((port) => !port.hostPort)),
  AppArmor: (pod) =>
    contexts(pod).every((context) => context.appArmorProfile?.type !== 'Unconfined'),
  SELinux: (pod) =>
    contexts(pod).every(
      (context) => !context.seLinuxOptions?.user && !context.seLinuxOptions?.role,
    ),
  '/proc mount type': (pod) =>
    all(pod, (c) => ['Default', undefined].includes(c.securityContext?.procMount)),
  sysctls: (pod) =>
    (pod.securityContext?.sysctls ?? []).every(({ name }) => allowedSysctls.includes(name)),
  'privilege escalation': (pod) =>
    all(pod, (c) => c.securityContext?.allowPrivilegeEscalation === false),
  'running as non-root': (pod) =>
    all(pod, (c) => c.securityContext?.runAsNonRoot ?? pod.securityContext?.runAsNonRoot) &&
    contexts(pod).every((context) => context.runAsUser !== 0),
  seccomp: (pod) =>
    all(pod, (c) =>
      ['RuntimeDefault', 'Localhost'].includes(
        (c.securityContext?.seccompProfile ?? pod.securityContext?.seccompProfile)?.type,
      ),
    ),
  capabilities: (pod) =>
    all(
      pod,
      (c) =>
        c.securityContext?.capabilities?.drop?.includes('ALL') &&
        (c.securityContext.capabilities.add ?? []).every((one) => one === 'NET_BIND_SERVICE'),
    ),
};

export const againstRestricted = (pod) =>
  Object.entries(controls)
    .filter(([, isKept]) => !isKept(pod))
    .map(([name]) => `restricted profile: ${name}`);
