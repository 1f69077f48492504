#!/bin/sh
# Writes one answer of each kind that the provider's documentation shows into the given folder.
set -eu
folder=$1
put() {
  cat >"$folder/$1"
}

put picture <<'JSON'
{"candidates":[{"content":{"role":"model","parts":[{"text":"a"},{"inlineData":{"mimeType":"image/png","data":"cGljdHVyZQ=="},"thoughtSignature":"x"}]},"finishReason":"STOP","index":0,"safetyRatings":[]}],"usageMetadata":{"promptTokenCount":560,"candidatesTokenCount":1120,"thoughtsTokenCount":0,"totalTokenCount":1680,"promptTokensDetails":[{"modality":"TEXT","tokenCount":24},{"modality":"IMAGE","tokenCount":536}],"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1120}]},"modelVersion":"m","responseId":"r"}
JSON
put escaped <<'JSON'
{"candidates":[{"content":{"parts":[{"inlineData":{"data":"cGljdHVyZQ\u003d\u003d"},"thought":false}]}}]}
JSON
put refused <<'JSON'
{"candidates":[{"content":{},"finishReason":"IMAGE_SAFETY","finishMessage":"no"}]}
JSON
put blocked <<'JSON'
{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT","blockReasonMessage":"no"}}
JSON
put quota <<'JSON'
[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"m","quotaId":"PerDay","quotaDimensions":{},"quotaValue":"0"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"600.5s"}]}}]
JSON
put invalid <<'JSON'
{"error":{"code":400,"message":"api_key:AIzaX","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"},{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"contents[0]","description":"d"}]}]}}
JSON
printf 'Tue, 24 Nov 2026 09:30:00 GMT' | put date
printf '<html><body>Bad Gateway</body></html>' | put proxy
