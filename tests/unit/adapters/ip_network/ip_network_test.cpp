// SPDX-License-Identifier: MIT

#include "adapters/ip_network/ip_network.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <string_view>

using namespace stayler;
using adapters::parse_ip_networks;
using adapters::parse_numeric_address;

namespace {

bool is_in(std::string_view address, std::string_view networks) {
  return adapters::contains(
      parse_ip_networks(networks).value(), parse_numeric_address(address).value()
  );
}

}  // namespace

TEST_CASE("a network has the addresses with its first bits, and no others", "[ip_network]") {
  CHECK(is_in("192.0.2.7", "192.0.2.7"));
  CHECK_FALSE(is_in("192.0.2.8", "192.0.2.7"));
  CHECK(is_in("10.255.0.1", "10.0.0.0/8"));
  CHECK_FALSE(is_in("11.0.0.1", "10.0.0.0/8"));
  CHECK(is_in("172.31.255.255", "172.16.0.0/12"));
  CHECK_FALSE(is_in("172.32.0.0", "172.16.0.0/12"));
  CHECK(is_in("2001:db8:ffff::1", "2001:db8::/32"));
  CHECK_FALSE(is_in("2001:db9::1", "2001:db8::/32"));
  CHECK(is_in("::1", "192.0.2.7, ::1"));
  CHECK(is_in("203.0.113.9", "0.0.0.0/0"));
  CHECK_FALSE(is_in("2001:db8::1", "0.0.0.0/0"));
}

TEST_CASE("an address of IPv4 is the same in either form", "[ip_network]") {
  CHECK(is_in("::ffff:192.0.2.7", "192.0.2.7"));
  CHECK(is_in("192.0.2.7", "::ffff:192.0.2.0/120"));
  CHECK(adapters::to_string(parse_numeric_address("::ffff:192.0.2.7").value()) == "192.0.2.7");
  CHECK(adapters::to_string(parse_numeric_address("2001:DB8:0::7").value()) == "2001:db8::7");
}

TEST_CASE("what is no list of networks is refused", "[ip_network]") {
  CHECK(parse_ip_networks("")->empty());
  for (const auto* text :
       {"localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "10.0.0/8", ",10.0.0.1",
        "10.0.0.1 10.0.0.2", "192.0.2.7:80", "[::1]", "fe80::1%eth0"}) {
    INFO(text);
    CHECK_FALSE(parse_ip_networks(text));
  }
  CHECK_FALSE(parse_numeric_address(std::string_view{"192.0.2.7\0x", 11}));
}

TEST_CASE(
    "a network with bits beyond its prefix is refused, for it may be a slip", "[ip_network]"
) {
  CHECK_FALSE(parse_ip_networks("10.0.0.7/8"));
  CHECK_FALSE(parse_ip_networks("2001:db8::1/32"));
}
