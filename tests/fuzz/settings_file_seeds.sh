#!/bin/sh
# Writes settings files into the given folder.
set -eu
folder=$1
put() { # name, text for printf
  # shellcheck disable=SC2059  # the escapes are meant
  printf "$2" >"$folder/$1"
}

put plain '# a comment\n\nWORKER_MAX_WORKERS=5\r\n  S3_KEY = "a=b c" \nREDIS_URL=\n'
put quotes "A='\\nB=\"'\"\\nC='\"'\\nD=''''\\n"
put wrong 'A=1\nA=2\nnone\n=3\nb=4\nA B=5\n'
