#!/bin/sh
# Writes bodies of each framing, whole and broken, into the given folder, below heads as http_body_fuzz.cpp
# reads them.
set -eu
folder=$1
put() { # name, text for printf
  # shellcheck disable=SC2059  # the escapes are meant
  printf "$2" >"$folder/$1"
}

put length '4\nbodyGET / HTTP/1.1\r\n'
put length-cut '40\nbody'
put length-huge '18446744073709551615\nbody'
put chunks 'chunked\n3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\nGET /'
put chunk-huge 'chunked\nffffffffffffffff\r\nabc'
put chunk-zeros 'chunked\n0000000000000001\r\na\r\n0\r\n\r\n'
put chunk-extension 'chunked\n3;a=b\r\nabc\r\n0\r\n\r\n'
put chunk-bytes 'chunked\n1\r\nx\r\n1\r\ny\r\n'
put trailer 'chunked\n0\r\nX: y\r\n\r\n'
put line-feeds 'chunked\n1\na\n0\n\n'
put both ' Chunked|4\n0\r\n\r\n'
put twice 'gzip|chunked\n0\r\n\r\n'
put old '1.0|chunked\n0\r\n\r\n'
