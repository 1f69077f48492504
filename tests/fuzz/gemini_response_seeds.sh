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
put null_parts <<'JSON'
{"candidates":[{"content":{"role":"model","parts":null},"finishReason":"IMAGE_SAFETY"}],"usageMetadata":{"promptTokenCount":560,"totalTokenCount":560}}
JSON
put nulls <<'JSON'
{"candidates":[null,{"content":{"parts":[null,{"inlineData":null,"text":null,"thought":null}]},"finishReason":null}],"promptFeedback":null,"usageMetadata":null,"error":null}
JSON
put no_candidates <<'JSON'
{"candidates":null,"promptFeedback":{"blockReason":"BLOCK_REASON_UNSPECIFIED"}}
JSON
put snake_case <<'JSON'
{"candidates":[{"content":{"parts":[{"inline_data":{"mime_type":"image/png","data":"data:image/png;base64,cGljdHVyZQ=="}}]},"finish_reason":1}],"prompt_feedback":{"block_reason":0},"usage_metadata":{"prompt_token_count":1,"service_tier":"flex"}}
JSON
put capitals <<'JSON'
{"Candidates":[{"Content":{"Parts":[{"InlineData":{"MIMEType":"image/png","Data":"cGlj\ndHVyZQ=="}}]},"FinishReason":"FinishReason.STOP"}]}
JSON
put chunks <<'JSON'
[{"candidates":[{"content":{"parts":[{"inlineData":{"data":"Zmlyc3Q="}},{"inlineData":{"data":"c2Vjb25k"}}]}}]},{"candidates":[{"finishReason":"STOP"}]}]
JSON
put wrapped <<'JSON'
{"response":{"candidates":[{"content":[],"finishReason":"image_safety"}]},"error":{}}
JSON
