{{/* Names, labels, and what all pods have. A release is called as its objects are to be: stayler. */}}

{{- define "stayler.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "stayler.selector" -}}
app.kubernetes.io/name: stayler
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "stayler.labels" -}}
app.kubernetes.io/name: stayler
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "stayler.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "stayler.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* What every pod has: no token, no variables of services, short names asked last. */}}
{{- define "stayler.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
dnsConfig:
  options: [{name: ndots, value: "2"}]
securityContext:
  {{- include "stayler.podSecurity" . | nindent 2 }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "stayler.spread" -}}
{{- $selector := include "stayler.selector" . -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- $selector | nindent 8 }}
  {{- end }}
{{- end -}}

{{/* Started, ready and alive are three questions; none of them asks a store. */}}
{{- define "stayler.probes" -}}
startupProbe:
  httpGet: {path: /health/started, port: probes}
  periodSeconds: 2
  failureThreshold: 60
readinessProbe:
  httpGet: {path: /health/ready, port: probes}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
livenessProbe:
  httpGet: {path: /health/live, port: probes}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end -}}

{{/* Folders, never single files: those would not change with their Secret. */}}
{{- define "stayler.mounts" -}}
- {name: data, mountPath: /var/lib/stayler}
- {name: tmp, mountPath: /tmp}
- {name: secrets, mountPath: /run/secrets/stayler, readOnly: true}
{{- end -}}

{{- define "stayler.tlsMounts" -}}
- {name: certificate, mountPath: /run/certificate, readOnly: true}
- {name: authority, mountPath: /run/authority, readOnly: true}
{{- end -}}

{{/* 288 is 0440, which YAML reads in two ways. */}}
{{- define "stayler.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
- name: secrets
  secret: {secretName: {{ .secret }}, defaultMode: 288}
{{- end -}}

{{- define "stayler.tlsVolumes" -}}
- name: certificate
  secret: {secretName: {{ .secret }}, defaultMode: 288}
- name: authority
  configMap: {name: {{ .authority }}}
{{- end -}}

{{- define "stayler.placing" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- define "stayler.podMetadata" -}}
labels:
  {{- include "stayler.selector" . | nindent 2 }}
annotations:
  checksum/settings: {{ .settings | sha256sum }}
  {{- with .annotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Waits while it still serves: the endpoint leaves the proxies later than SIGTERM arrives. */}}
{{- define "stayler.preStop" -}}
lifecycle:
  preStop:
    {{- if semverCompare ">=1.30.0-0" .root.Capabilities.KubeVersion.Version }}
    sleep: {seconds: {{ .seconds }}}
    {{- else }}
    exec: {command: [sleep, {{ .seconds | quote }}]}
    {{- end }}
{{- end -}}

{{/* Up at once and by much; down by one pod a minute, after five minutes: each has jobs to finish. */}}
{{- define "stayler.behaviour" -}}
scaleUp:
  stabilizationWindowSeconds: 0
  selectPolicy: Max
  policies:
    - {type: Percent, value: 100, periodSeconds: 30}
    - {type: Pods, value: 4, periodSeconds: 30}
scaleDown:
  stabilizationWindowSeconds: 300
  policies:
    - {type: Pods, value: 1, periodSeconds: 60}
{{- end -}}

{{- define "stayler.checkGrace" -}}
{{- $needed := add .preStop .shutdown 10 -}}
{{- if gt (int $needed) (int .grace) -}}
{{- fail (printf "%s.gracePeriodSeconds is %d, and has to be at least %d: %d before the end, %d for running jobs, 10 to hand back the rest. Else Kubernetes kills it before the jobs are handed back." .name (int .grace) (int $needed) (int .preStop) (int .shutdown)) -}}
{{- end -}}
{{- end -}}
