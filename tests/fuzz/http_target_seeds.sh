#!/bin/sh
# Writes request targets, ranges and entity tags into the given folder.
set -eu
folder=$1
put() {
  printf '%s' "$2" >"$folder/$1"
}

put path '/worker/jobs/a%20b+c'
put query '/a%252Fb?x=%26+1&&y&=z#'
put absolute 'https://host:1/p?q=1'
put absolute-bare 'http://host'
put asterisk '*'
put hidden-slash '/a%2Fb'
put hidden-backslash '/a%5cb'
put nul '/%00'
put broken '/%g0?%4'
put range 'bytes=0-99'
put range-open 'bytes=100-'
put range-end 'bytes=-50'
put range-huge 'bytes=18446744073709551615-18446744073709551615'
put tags 'W/"a1b2", "c", *'
