// SPDX-License-Identifier: MIT
#include "adapters/postgres/postgres_url.hpp"

#include "adapters/postgres/postgres_hosts.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters {

TEST_CASE("a PostgreSQL URL is taken in libpq's own form") {
  for (const std::string url :
       {"postgres://", "postgres://host", "postgresql://ann:p%40ss@host:5433/app",
        "postgres://ann@[::1]/app?sslmode=require&options=-csearch_path%3Dapp",
        "postgres://one,two:5433/app?target_session_attrs=read-write",
        "postgres:///app?host=/run/postgresql", "postgres://ann:a?b#c:d@host/app"}) {
    INFO(url);
    const auto parsed = parse_postgres_url(url);
    REQUIRE(parsed);
    CHECK(parsed->url == url);
    CHECK(parsed->search_path.empty());
    CHECK_FALSE(parsed->is_pooled);
  }
}

TEST_CASE("what is no PostgreSQL URL is refused without being repeated") {
  for (const std::string& url :
       {std::string{}, std::string{"postgres"}, std::string{"mysql://ann:hunter2@host"},
        std::string{"host=db password=hunter2"}, std::string{"postgres://ann:hunter2@[::1"},
        std::string{"postgres://ann:hunter2%zz@host"}, std::string{"postgres://ann:hunter2@host?x"},
        std::string{"postgres://ann:hunter2/x@host/app"},
        std::string{"postgres://ann:x@hunter2@h/a"}, std::string{"postgres://ann:hunter2/x"},
        std::string{"postgres://ann:x%@hunter2"}, std::string{"postgres://ann:x@host?hunter2%=1"},
        std::string{"postgres://host\0hunter2", 23}}) {
    INFO(url);
    const auto parsed = parse_postgres_url(url);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().kind == error_class::invalid_input);
    CHECK_FALSE(parsed.error().message.empty());
    CHECK(parsed.error().message.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("what a PostgreSQL URL is refused for is named") {
  const std::vector<std::pair<std::string, std::string>> reasons{
      {"mysql://host", "must begin with postgres://"},
      {"postgres://ann:50%off@host/app", "the password has a %"},
      {"postgres://50%off@host/app", "the user's name has a %"},
      {"postgres://ann:a/b@host/app", "where the host begins"},
      {"postgres://ann:a@b@host/app", "write % as %25, / as %2F, @ as %40"},
      {"postgres://ann:a/b", "a port must be a number"},
      {"postgres://host:65536", "a port must be a number"},
      {"postgres:///app?host=a,b&port=1,2,3", "as many ports as hosts"},
      {"postgres://host/app?foo=1", "the parameter \"foo\" is not known to PostgreSQL"},
      {"postgres://host/app?sslmode=no-verify", "\"sslmode\" must be one of disable, allow"},
      {"postgres://host/app?target_session_attrs=master",
       "\"target_session_attrs\" must be one of"},
      {"postgres://host/app?ssl=yes", "\"ssl\" must be one of true"},
      {"postgres://host/app?pgbouncer=yes", "\"pgbouncer\" must be true or false"},
      {"postgres://host/app?schema=", "\"schema\" must name a schema"},
      {"postgres://host/app?sslrootcert=50%off", "\"sslrootcert\" has a %"},
      {"postgres://host/app?connect_timeout=5s", "\"connect_timeout\" must be a number of seconds"},
      {"postgres://host/app?schema", "NAME=VALUE"},
  };
  for (const auto& [url, reason] : reasons) {
    INFO(url);
    const auto parsed = parse_postgres_url(url);
    REQUIRE_FALSE(parsed);
    CHECK_THAT(parsed.error().message, Catch::Contains(reason));
  }
}

TEST_CASE("parameters that other tools hand out are understood, and libpq does not see them") {
  const auto parsed = parse_postgres_url(
      "postgres://ann:word@host/app?schema=My%20%22app&pgbouncer=true&connection_limit=1"
      "&pool_timeout=0&sslmode=require&connect_timeout=15"
  );
  REQUIRE(parsed);
  CHECK(parsed->url == "postgres://ann:word@host/app?sslmode=require&connect_timeout=15");
  CHECK(parsed->search_path == "\"My \"\"app\"");
  CHECK(parsed->is_pooled);
  CHECK(parsed->connect_timeout == milliseconds{15'000});

  const auto of_a_list = parse_postgres_url("postgres://host?search_path=app%2Cpublic");
  REQUIRE(of_a_list);
  CHECK(of_a_list->url == "postgres://host");
  CHECK(of_a_list->search_path == "app,public");
  CHECK_FALSE(parse_postgres_url("postgres://host?pgbouncer=false")->is_pooled);
}

TEST_CASE("each host of a URL has its name, address and port") {
  using hosts = std::vector<postgres_host>;
  CHECK(postgres_hosts_in("postgres://").value() == hosts{{"", "", ""}});
  CHECK(postgres_hosts_in("postgres://one:1").value() == hosts{{"one", "", "1"}});
  CHECK(
      postgres_hosts_in("postgres://one:1,two:2/app").value()
      == hosts{{"one", "", "1"}, {"two", "", "2"}}
  );
  CHECK(
      postgres_hosts_in("postgres:///app?host=one,two&port=5&hostaddr=10.0.0.1,10.0.0.2").value()
      == hosts{{"one", "10.0.0.1", "5"}, {"two", "10.0.0.2", "5"}}
  );
}

}  // namespace stayler::adapters
