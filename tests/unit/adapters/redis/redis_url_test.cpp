// SPDX-License-Identifier: MIT
#include "adapters/redis/redis_url.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace stayler::adapters {

TEST_CASE("a Redis URL says where the server is and how to get in") {
  const auto plain = parse_redis_url("redis://example.org");
  REQUIRE(plain);
  CHECK(plain->addresses == std::vector<redis_address>{{"example.org", 6379}});
  CHECK(plain->database == 0);
  CHECK(plain->login.password.empty());
  CHECK_FALSE(plain->with_tls);

  const auto full = parse_redis_url("rediss://ann:p%40ss%2Fword@[::1]:7000/12");
  REQUIRE(full);
  CHECK(full->addresses == std::vector<redis_address>{{"::1", 7000}});
  CHECK(full->database == 12);
  CHECK(full->login.user == "ann");
  CHECK(full->login.password == "p@ss/word");
  CHECK(full->with_tls);

  const auto local = parse_redis_url("unix://:word@localhost/run/redis.sock?db=2");
  REQUIRE(local);
  CHECK(local->unix_socket == "/run/redis.sock");
  CHECK(local->addresses.empty());
  CHECK(local->database == 2);
  CHECK(local->login.password == "word");
  CHECK(parse_redis_url("unix:///run/redis.sock")->unix_socket == "/run/redis.sock");
}

TEST_CASE("the database may be the parameter db") {
  CHECK(parse_redis_url("redis://host?db=2")->database == 2);
  CHECK(parse_redis_url("redis://host/?db=2")->database == 2);
  CHECK(parse_redis_url("redis+sentinel://host/main?db=3")->database == 3);
}

TEST_CASE("a Redis URL may name several hosts, with a port each") {
  const auto nodes = parse_redis_url("redis://ann:w%2Crd@one:7000,[::1]:7001,three/0");
  REQUIRE(nodes);
  CHECK(
      nodes->addresses == std::vector<redis_address>{{"one", 7000}, {"::1", 7001}, {"three", 6379}}
  );
  CHECK(nodes->login.password == "w,rd");
  CHECK(to_string(nodes->addresses[1]) == "[::1]:7001");
}

TEST_CASE("Sentinels are hosts with the name of a service") {
  const auto sentinels = parse_redis_url("rediss+sentinel://ann:word@one,two:5000/my%20main/4");
  REQUIRE(sentinels);
  CHECK(sentinels->addresses == std::vector<redis_address>{{"one", 26379}, {"two", 5000}});
  CHECK(sentinels->service == "my main");
  CHECK(sentinels->database == 4);
  CHECK(sentinels->login.user == "ann");
  CHECK(sentinels->with_tls);
  const auto locked =
      parse_redis_url("redis+sentinel://one/main?sentinel_user=bob&sentinel_password=w%26rd");
  REQUIRE(locked);
  CHECK(locked->sentinel_login.user == "bob");
  CHECK(locked->sentinel_login.password == "w&rd");
  CHECK(locked->login.password.empty());
}

TEST_CASE("what is no Redis URL is refused without being repeated") {
  for (const std::string url :
       {"",
        "redis",
        "http://host",
        "redis://",
        "redis:///1",
        "redis://host:0",
        "redis://host:99999",
        "redis://host/x",
        "redis://host/1/2",
        "redis://host/-1",
        "redis://host/1?db=2",
        "redis://host?db=",
        "redis://host?db=1&db=1",
        "redis://host#1",
        "redis://host,",
        "redis://,host",
        "redis://host,other:x",
        "redis+sentinel://host",
        "redis+sentinel://host/",
        "redis+sentinel://host//1",
        "redis+sentinel://host/main/x",
        "redis://host?sentinel_user=bob",
        "unix://",
        "unix:///",
        "unix:///socket?db=x",
        "unix:///socket?user=x",
        "redis://:hunter2@host/zero",
        "redis://ann:12/hunter2@host",
        "redis://ann:12?hunter2@host",
        "redis://ann:12#hunter2@host"}) {
    INFO(url);
    const auto parsed = parse_redis_url(url);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().kind == error_class::invalid_input);
    CHECK(parsed.error().message.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("what the URL has that nobody knows is named") {
  const auto why = [](const std::string& url) { return parse_redis_url(url).error().message; };
  CHECK(why("redis://host?timeout=2") == "the parameter 'timeout' is not known, only db");
  CHECK(why("valkey://host") == "there is no scheme 'valkey'");
  CHECK(
      why("redis+sentinel://host/main?user=bob")
      == "the parameter 'user' is not known, only db, sentinel_user, sentinel_password"
  );
}

}  // namespace stayler::adapters
