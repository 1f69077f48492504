// SPDX-License-Identifier: MIT

// Whom a proxy speaks for by the PROXY protocol, and what is no such header.

#include "http/server/connections/proxy_header.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <string_view>

using namespace stayler;
using http::parse_proxy_header;
using state = http::proxy_header::state;

namespace {

const std::string signature{"\r\n\r\n\0\r\nQUIT\n", 12};

std::string binary_header(char command, char family, const std::string& block) {
  std::string header = signature + command + family;
  header += static_cast<char>(block.size() >> 8U);
  header += static_cast<char>(block.size() & 0xFFU);
  return header + block;
}

/// 192.0.2.7:50000 to 198.51.100.1:8080.
const std::string ipv4_block{"\xC0\x00\x02\x07\xC6\x33\x64\x01\xC3\x50\x1F\x90", 12};

/// 2001:db8::7 to 2001:db8::1.
const std::string ipv6_block =
    std::string{"\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x07", 16}
    + std::string{"\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x01\xC3\x50\x1F\x90", 20};

const std::string tcp4_line = "PROXY TCP4 192.0.2.7 198.51.100.1 50000 8080\r\n";

/// Reads as a connection would: what is wanted each time, and no more.
std::string source_in(const std::string& header, const std::string& after = "GET / HTTP/1.1") {
  const std::string sent = header + after;
  std::size_t taken = 0;
  auto read = parse_proxy_header("");
  while (read.now == state::incomplete) {
    REQUIRE(read.wanted > 0);
    taken += read.wanted;
    REQUIRE(taken <= sent.size());
    read = parse_proxy_header(std::string_view{sent}.substr(0, taken));
  }
  REQUIRE(read.now == state::complete);
  CHECK(taken == header.size());
  return read.source;
}

bool is_malformed(std::string_view bytes) {
  return parse_proxy_header(bytes).now == state::malformed;
}

}  // namespace

TEST_CASE("a PROXY header of either version names the caller", "[proxy_header]") {
  CHECK(source_in(tcp4_line) == "192.0.2.7");
  CHECK(source_in("PROXY TCP6 2001:DB8::7 2001:db8::1 1 65535\r\n") == "2001:db8::7");
  CHECK(source_in(binary_header(0x21, 0x11, ipv4_block)) == "192.0.2.7");
  CHECK(source_in(binary_header(0x21, 0x21, ipv6_block)) == "2001:db8::7");
}

TEST_CASE("what a header tells besides is passed over", "[proxy_header]") {
  CHECK(source_in(binary_header(0x21, 0x11, ipv4_block + std::string(1'000, 'x'))) == "192.0.2.7");
}

TEST_CASE("a proxy may speak for itself", "[proxy_header]") {
  CHECK(source_in("PROXY UNKNOWN\r\n").empty());
  CHECK(source_in("PROXY UNKNOWN 2001:db8::7 ::1 50000 8080\r\n").empty());
  CHECK(source_in(binary_header(0x20, 0x00, "")).empty());
  CHECK(source_in(binary_header(0x20, 0x11, ipv4_block)).empty());
  CHECK(source_in(binary_header(0x21, 0x00, "")).empty());
  CHECK(source_in(binary_header(0x21, 0x31, std::string(216, '\0'))).empty());
}

TEST_CASE("what is no PROXY header is seen at its first wrong byte", "[proxy_header]") {
  CHECK(is_malformed("G"));
  CHECK(is_malformed("PROXX"));
  CHECK(is_malformed("\r\n\r\n\r"));
  CHECK(is_malformed("\x16\x03\x01"));
}

TEST_CASE("a malformed or endless PROXY header is refused", "[proxy_header]") {
  for (const auto* line :
       {"PROXY TCP4 192.0.2.7 198.51.100.1 50000 8080\n", "PROXY TCP4 2001:db8::7 ::1 1 2\r\n",
        "PROXY TCP6 192.0.2.7 192.0.2.8 1 2\r\n", "PROXY TCP4 192.0.2.7 192.0.2.8 1\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.8 1 65536\r\n", "PROXY TCP4 192.0.2.7 192.0.2.8 1 2 3\r\n",
        "PROXY TCP4  192.0.2.7 192.0.2.8 1 2\r\n", "PROXY UDP4 192.0.2.7 192.0.2.8 1 2\r\n",
        "PROXY TCP4 192.0.2 192.0.2.8 1 2\r\n", "PROXY unknown 123\r\n"}) {
    INFO(line);
    CHECK(is_malformed(line));
  }
  CHECK(is_malformed("PROXY UNKNOWN " + std::string(100, 'x')));
  CHECK(is_malformed(binary_header(0x22, 0x11, ipv4_block)));           // no such command
  CHECK(is_malformed(binary_header(0x11, 0x11, ipv4_block)));           // no such version
  CHECK(is_malformed(binary_header(0x21, 0x12, ipv4_block)));           // datagrams
  CHECK(is_malformed(binary_header(0x21, 0x21, ipv4_block)));           // too short
  CHECK(is_malformed((signature + "\x21\x11\xFF\xFF").substr(0, 16)));  // 64 KiB
}
