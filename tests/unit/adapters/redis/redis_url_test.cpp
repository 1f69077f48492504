// SPDX-License-Identifier: MIT
#include "adapters/redis/redis_url.hpp"

#include "tests/support/catch.hpp"

#include <string>

namespace stayler::adapters {

TEST_CASE("a Redis URL says where the server is and how to get in") {
  const auto plain = parse_redis_url("redis://example.org");
  REQUIRE(plain);
  CHECK(plain->host == "example.org");
  CHECK(plain->port == 6379);
  CHECK(plain->database == 0);
  CHECK(plain->password.empty());
  CHECK_FALSE(plain->with_tls);

  const auto full = parse_redis_url("rediss://ann:p%40ss%2Fword@[::1]:7000/12");
  REQUIRE(full);
  CHECK(full->host == "::1");
  CHECK(full->port == 7000);
  CHECK(full->database == 12);
  CHECK(full->user == "ann");
  CHECK(full->password == "p@ss/word");
  CHECK(full->with_tls);

  const auto local = parse_redis_url("unix://:word@localhost/run/redis.sock?db=2");
  REQUIRE(local);
  CHECK(local->unix_socket == "/run/redis.sock");
  CHECK(local->host.empty());
  CHECK(local->database == 2);
  CHECK(local->password == "word");
  CHECK(parse_redis_url("unix:///run/redis.sock")->unix_socket == "/run/redis.sock");
}

TEST_CASE("what is no Redis URL is refused without being repeated") {
  for (const std::string url :
       {"", "redis", "http://host", "redis://", "redis:///1", "redis://host:0",
        "redis://host:99999", "redis://host/x", "redis://host/1/2", "redis://host/-1", "unix://",
        "unix:///", "unix:///socket?db=x", "unix:///socket?user=x", "redis://:hunter2@host/zero"}) {
    INFO(url);
    const auto parsed = parse_redis_url(url);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().kind == error_class::invalid_input);
    CHECK(parsed.error().message.find("hunter2") == std::string::npos);
  }
}

}  // namespace stayler::adapters
