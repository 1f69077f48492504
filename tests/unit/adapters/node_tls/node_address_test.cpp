// SPDX-License-Identifier: MIT
#include "adapters/node_tls/node_address.hpp"

#include "tests/support/catch.hpp"

using namespace stayler::adapters;

TEST_CASE("an address to listen on is numeric") {
  CHECK(*parse_listen_address("127.0.0.1:7000") == node_address{"127.0.0.1", 7000});
  CHECK(*parse_listen_address("0.0.0.0:0") == node_address{"0.0.0.0", 0});
  CHECK(*parse_listen_address("[::1]:7000") == node_address{"::1", 7000});
  for (const auto* wrong :
       {"", "7000", ":7000", "localhost:7000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000",
        "127.0.0.1:-1", "::1:7000", "[::1]", "[localhost]:1", "127.0.0.1:7000 "}) {
    INFO(wrong);
    CHECK_FALSE(parse_listen_address(wrong));
  }
}

TEST_CASE("coordinators are names or addresses, each with its port") {
  const auto two = parse_join_addresses("a.example:7000,[fe80::1]:1");
  REQUIRE(two);
  CHECK(*two == std::vector<node_address>{{"a.example", 7000}, {"fe80::1", 1}});
  for (const auto* wrong :
       {"", "a", "a:0", "a:1,", ",a:1", "a:1,,b:2", "a:1;b:2", "http://a:1", "a b:1", "a:1,b"}) {
    INFO(wrong);
    CHECK_FALSE(parse_join_addresses(wrong));
  }
}

TEST_CASE("an address is written as it is read") {
  CHECK(to_string(node_address{"::1", 7}) == "[::1]:7");
  CHECK(to_string(node_address{"host", 7}) == "host:7");
}

TEST_CASE("addresses take turns: each connection begins with the next, and none is left out") {
  const std::vector<int> all{1, 2, 3};
  CHECK(in_turn(all, 0) == std::vector{1, 2, 3});
  CHECK(in_turn(all, 1) == std::vector{2, 3, 1});
  CHECK(in_turn(all, 5) == std::vector{3, 1, 2});
  CHECK(in_turn(std::vector{7}, 4'000'000'000) == std::vector{7});
  CHECK(in_turn(std::vector<int>{}, 1).empty());
}
