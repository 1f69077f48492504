// SPDX-License-Identifier: MIT

#include "http/server/connections/network.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;
using http::network_of;

TEST_CASE("addresses of one IPv6 network draw from one bucket", "[network]") {
  CHECK(network_of("192.0.2.7") == "192.0.2.7");
  CHECK(network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::9"));
  CHECK(network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1"));
  CHECK(network_of("::ffff:192.0.2.7") == "192.0.2.7");
}
