#!/bin/sh
# Writes forms, whole and broken, into the given folder, each below its Content-Type.
set -eu
folder=$1
put() { # name, text for printf
  # shellcheck disable=SC2059  # the escapes are meant
  printf "multipart/form-data; boundary=$2" >"$folder/$1"
}
field='Content-Disposition: form-data; name'

put field "X\n--X\r\n$field=\"userId\"\r\n\r\nu1\r\n--X--\r\n"
put file "X\n--X\r\ncontent-type: image/png\r\n$field=a; filename=\"C:\\\\\\\\dir/a \\\\\"b.jpg\"\r\n\r\n\001\r\n--\r\n--X--"
put two "\"X\"; x=y\nbefore\r\n--X\r\n$field=a\r\n\r\n1\r\n--X \r\n$field=b\r\n\r\n\r\n--X--behind"
put empty "X\n--X--"
put cut "X\n--X\r\n$field=a\r\n\r\n1"
put headless "X\n--X\r\n\r\n\r\n1\r\n--X--"
put none "\n"
