// SPDX-License-Identifier: MIT

#include "http/server/request/target.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;

TEST_CASE("a target is taken apart and decoded", "[target]") {
  const auto parsed = http::parse_target("/a%20b+c?x=%26+1&&y");
  REQUIRE(parsed);
  CHECK(parsed->path == "/a b+c");
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

TEST_CASE("a path shows all of its slashes", "[target]") {
  for (const auto* hidden :
       {"/worker%2Fchaos/fault", "/worker%2fchaos", "/a%5Cb", "/a%5cb", "/a\\b", "/%2F", "/a%20%2f",
        "http://host/a%2fb"}) {
    INFO(hidden);
    CHECK_FALSE(http::parse_target(hidden));
  }
  CHECK(http::parse_target("/%77orker/a%252Fb")->path == "/worker/a%2Fb");
  CHECK(http::parse_target("/a?x=%2F%5C")->query.front().second == "/\\");
}
