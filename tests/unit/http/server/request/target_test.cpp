// SPDX-License-Identifier: MIT

#include "http/server/request/target.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;

TEST_CASE("a target is taken apart and decoded", "[target]") {
  const auto parsed = http::parse_target("/a%2Fb+c?x=%26+1&&y");
  REQUIRE(parsed);
  CHECK(parsed->path == "/a/b+c");
  REQUIRE(parsed->query.size() == 2);
  CHECK(parsed->query[0].second == "& 1");
  CHECK(http::parse_target("http://host:1/p?q=1")->path == "/p");
  CHECK(http::parse_target("http://host")->path == "/");
  CHECK(http::parse_target("http://host:1/p?q=1")->authority == "host:1");
  CHECK(http::parse_target("https://host")->authority == "host");
  CHECK(http::parse_target("/http://host")->authority.empty());
  CHECK(http::parse_target("*")->path == "*");
  for (const auto* bad : {"", "x", "/%", "/%4", "/%g0", "/%00", "/a#b", "/?%"}) {
    INFO(bad);
    CHECK_FALSE(http::parse_target(bad));
  }
}
