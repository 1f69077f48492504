#!/bin/sh
# Writes coordinators' records into the given folder.
set -eu
folder=$1
put() {
  cat >"$folder/$1"
}

put whole <<'JSON'
{"owner":"host-1","inFlight":3,"limit":8,"shrinks":2,"isHungry":true,"keys":[{"id":"k1","recent":5,"today":70,"perMinute":10,"lessons":1,"refusedFor":1500}],"account":{"day":"2026-11-24","total":[9,8,7,6,5],"reserved":4,"users":[{"id":"ann","amount":[1,2,3,4,5],"reserved":6}]}}
JSON
put newer <<'JSON'
{"owner":"host-2","more":[],"keys":[{},1,null],"account":{"total":[1],"users":[[]]}}
JSON
put numbers <<'JSON'
{"owner":"h","inFlight":-1,"limit":4294967296,"shrinks":18446744073709551615,"isHungry":1,"account":{"reserved":1.5}}
JSON
put nameless <<'JSON'
{"inFlight":1}
JSON
