// SPDX-License-Identifier: MIT

// Who calls through a proxy.

#include "http/server/connections/forwarded_for.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace stayler;

namespace {

const auto trusted = adapters::parse_ip_networks("10.0.0.0/8,2001:db8:1::/48").value();

std::string caller_of(const std::vector<std::string>& forwarded_for) {
  http::request head;
  for (const auto& each : forwarded_for) {
    head.headers.emplace_back("x-forwarded-for", each);
    head.headers.emplace_back("via", "192.0.2.99");
  }
  return http::forwarded_caller(head, "10.0.0.1", trusted);
}

}  // namespace

TEST_CASE("the caller is the first address from the right that is no trusted proxy", "[proxies]") {
  CHECK(caller_of({"192.0.2.7"}) == "192.0.2.7");
  CHECK(caller_of({"203.0.113.66, 192.0.2.7"}) == "192.0.2.7");
  CHECK(caller_of({"203.0.113.66,192.0.2.7 , 10.0.0.2,2001:db8:1::5"}) == "192.0.2.7");
  CHECK(caller_of({"2001:DB8::7"}) == "2001:db8::7");
}

TEST_CASE("what the caller has written itself does not count", "[proxies]") {
  CHECK(caller_of({"10.0.0.9, 127.0.0.1, 192.0.2.7"}) == "192.0.2.7");
  CHECK(caller_of({"not an address, 192.0.2.7"}) == "192.0.2.7");
}

TEST_CASE("several headers are read as one, in their order", "[proxies]") {
  CHECK(caller_of({"203.0.113.66", "192.0.2.7"}) == "192.0.2.7");
  CHECK(caller_of({"192.0.2.7", "10.0.0.2"}) == "192.0.2.7");
}

TEST_CASE("an address may have a port", "[proxies]") {
  CHECK(caller_of({"192.0.2.7:50000"}) == "192.0.2.7");
  CHECK(caller_of({"[2001:db8::7]:50000"}) == "2001:db8::7");
  CHECK(caller_of({"[2001:db8::7]"}) == "2001:db8::7");
}

TEST_CASE("where there is no usable address the proxy itself is the caller", "[proxies]") {
  CHECK(caller_of({}) == "10.0.0.1");
  CHECK(caller_of({""}) == "10.0.0.1");
  for (const auto* bad :
       {"unknown", "_hidden", "192.0.2", "192.0.2.7 203.0.113.1", "[", ",", "a,10.0.0.2"}) {
    INFO(bad);
    CHECK(caller_of({bad}) == "10.0.0.1");
  }
}

TEST_CASE("where all are trusted the farthest of them is the caller", "[proxies]") {
  CHECK(caller_of({"10.0.0.3, 10.0.0.2"}) == "10.0.0.3");
}

TEST_CASE("nobody is trusted unless he is named", "[proxies]") {
  CHECK_FALSE(http::is_trusted({}, "127.0.0.1"));
  CHECK_FALSE(http::is_trusted(trusted, "192.0.2.7"));
  CHECK_FALSE(http::is_trusted(trusted, "nobody"));
  CHECK(http::is_trusted(trusted, "::ffff:10.1.2.3"));
}
