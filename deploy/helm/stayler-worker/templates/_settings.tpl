{{/* The options of each kind of process, as its ConfigMap holds them. What a user says goes before. */}}

{{- define "stayler.nodeTls" -}}
NODE_TLS_CA: /run/authority/ca.pem
NODE_TLS_CERTIFICATE: /run/certificate/tls.crt
NODE_TLS_KEY: /run/certificate/tls.key
{{- end -}}

{{- define "stayler.secretFiles" -}}
GEMINI_API_KEY_FILE: /run/secrets/stayler/gemini-api-key
{{- if .Values.settings.STORAGE_URL }}
{{- if eq (default "static" .Values.settings.S3_CREDENTIALS) "static" }}
S3_ACCESS_KEY_ID_FILE: /run/secrets/stayler/s3-access-key-id
S3_SECRET_ACCESS_KEY_FILE: /run/secrets/stayler/s3-secret-access-key
{{- end }}
{{- end }}
{{- if .Values.simulator.enabled }}
GEMINI_BASE_URL: http://{{ .Release.Name }}-gemini-sim:8090
{{- end }}
{{- end -}}

{{- define "stayler.apiSettings" -}}
WORKER_HTTP_ADDRESS: 0.0.0.0
WORKER_API_KEYS_FILE: /run/secrets/stayler/api-keys
WORKER_LINK_SECRET_FILE: /run/secrets/stayler/link-secret
{{- end -}}

{{- define "stayler.coordinatorSettings" -}}
{{- $ours := dict "WORKER_ROLE" "coordinator" "WORKER_DATA_DIR" "/var/lib/stayler" "NODE_LISTEN" "0.0.0.0:7400" "QUEUE_BACKEND" "redis" "CODEC_PROCESSES" "1" -}}
{{- $_ := set $ours "REDIS_URL_FILE" "/run/secrets/stayler/redis-url" -}}
{{- $_ := set $ours "DATABASE_URL_FILE" "/run/secrets/stayler/database-url" -}}
{{- $_ := set $ours "WORKER_SHUTDOWN_TIMEOUT" (printf "%vs" .Values.coordinator.shutdownSeconds) -}}
{{- $more := merge (include "stayler.nodeTls" . | fromYaml) (include "stayler.secretFiles" . | fromYaml) (include "stayler.apiSettings" . | fromYaml) -}}
{{- merge (deepCopy .Values.coordinator.settings) .Values.settings $ours $more | toYaml -}}
{{- end -}}

{{- define "stayler.workerSettings" -}}
{{- $ours := dict "WORKER_ROLE" "worker" "WORKER_DATA_DIR" "/var/lib/stayler" "WORKER_HEALTH_CHECK_ADDRESS" "0.0.0.0" "CODEC_PROCESSES" "1" -}}
{{- $_ := set $ours "NODE_JOIN" (printf "%s-coordinators.%s.svc.cluster.local:7400" .Release.Name .Release.Namespace) -}}
{{- $_ := set $ours "WORKER_MAX_WORKERS" (.Values.worker.slots | toString) -}}
{{- $_ := set $ours "WORKER_SHUTDOWN_TIMEOUT" (printf "%vs" .Values.worker.shutdownSeconds) -}}
{{- $more := merge (include "stayler.nodeTls" . | fromYaml) (include "stayler.secretFiles" . | fromYaml) -}}
{{- merge (deepCopy .Values.worker.settings) .Values.settings $ours $more | toYaml -}}
{{- end -}}

{{- define "stayler.singleSettings" -}}
{{- $ours := dict "WORKER_ROLE" "all" "WORKER_DATA_DIR" "/var/lib/stayler" "CODEC_PROCESSES" "1" -}}
{{- $_ := set $ours "WORKER_MAX_WORKERS" (.Values.worker.slots | toString) -}}
{{- $_ := set $ours "WORKER_SHUTDOWN_TIMEOUT" (printf "%vs" .Values.single.shutdownSeconds) -}}
{{- $more := merge (include "stayler.secretFiles" . | fromYaml) (include "stayler.apiSettings" . | fromYaml) -}}
{{- merge (deepCopy .Values.settings) $ours $more | toYaml -}}
{{- end -}}
