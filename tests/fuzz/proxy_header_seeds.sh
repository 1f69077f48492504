#!/bin/sh
# Writes PROXY headers and values of X-Forwarded-For into the given folder.
set -eu
folder=$1
put() { # name, text for printf
  # shellcheck disable=SC2059  # the escapes are meant
  printf "$2" >"$folder/$1"
}

signature='\r\n\r\n\000\r\nQUIT\n'
put tcp4 'PROXY TCP4 192.0.2.7 198.51.100.1 50000 8080\r\nGET /'
put tcp6 'PROXY TCP6 2001:db8::7 2001:db8::1 50000 8080\r\n'
put unknown 'PROXY UNKNOWN\r\n'
put binary4 "$signature"'\041\021\000\014\300\000\002\007\306\063\144\001\303\120\037\220'
put binary-more "$signature"'\041\021\000\020\300\000\002\007\306\063\144\001\303\120\037\220\004\000\001x'
put local "$signature"'\040\000\000\000'
put hops '203.0.113.66, 10.0.0.2:80,[2001:db8::7]:443 , 192.0.2.7'
