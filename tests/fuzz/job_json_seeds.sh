#!/bin/sh
# Writes job requests, good and bad, into the given folder.
set -eu
folder=$1
put() {
  cat >"$folder/$1"
}

put conversion <<'JSON'
{"type":"image_conversion","conversionId":"c-1","userId":"user:7","priority":10,"payload":{"userImageId":"img_1","clothImageId":"img.2","options":{"style":"casual","quality":"high","prompt":"blue\nplease","aspectRatio":"3:4","outputFormat":"webp","noCache":true,"older":1}},"runAt":"2026-11-24T10:00:00.5+01:00","maxRetries":5,"timeout":"1m30.5s"}
JSON
put urls <<'JSON'
{"type":"image_conversion","conversionId":"c","userId":"u","payload":{"userImageId":"https://cdn.example.com/a.jpg?x=1#y","clothImageId":"http://a.example.org:8080/b"},"timeout":90000000000}
JSON
put processing <<'JSON'
{"type":"image_processing","userId":"u","payload":{"imageId":"a","options":{"operations":[{"type":"resize","width":800,"height":600,"fit":"cover"},{"type":"resize","height":9},{"type":"thumbnail","size":256},{"type":"convert","format":"png","quality":90},{"type":"strip"}]}},"priority":null}
JSON
put wrong <<'JSON'
{"type":"video","userId":"","payload":[],"priority":21,"maxRetries":-1,"timeout":"soon","runAt":"9999-12-31T23:59:60Z","other":{}}
JSON
put two <<'JSON'
{"type":1},{"userImageId":"\ud83d\ude00","a":18446744073709551615,"b":1e999}
JSON
printf '[' | put cut
