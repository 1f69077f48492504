// SPDX-License-Identifier: MIT
#include "adapters/postgres/postgres_url.hpp"

#include "tests/support/catch.hpp"

#include <string>

namespace stayler::adapters {

TEST_CASE("a PostgreSQL URL is taken in libpq's own form") {
  for (const std::string url :
       {"postgres://", "postgres://host", "postgresql://ann:p%40ss@host:5433/app",
        "postgres://ann@[::1]/app?sslmode=require&options=-csearch_path%3Dapp",
        "postgres://one,two:5433/app?target_session_attrs=read-write",
        "postgres:///app?host=/run/postgresql"}) {
    INFO(url);
    const auto parsed = parse_postgres_url(url);
    REQUIRE(parsed);
    CHECK(parsed->url == url);
  }
}

TEST_CASE("what is no PostgreSQL URL is refused without being repeated") {
  for (const std::string& url :
       {std::string{}, std::string{"postgres"}, std::string{"mysql://ann:hunter2@host"},
        std::string{"host=db password=hunter2"}, std::string{"postgres://ann:hunter2@[::1"},
        std::string{"postgres://ann:hunter2%zz@host"},
        std::string{"postgres://ann:hunter2@host/app?schema=public"},
        std::string{"postgres://host\0hunter2", 23}}) {
    INFO(url);
    const auto parsed = parse_postgres_url(url);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().kind == error_class::invalid_input);
    CHECK(parsed.error().message.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("the refusal of a PostgreSQL URL says what libpq does not take") {
  const auto reason = [](const std::string& url) {
    return parse_postgres_url(url).error().message;
  };
  CHECK(reason("postgres://u:p@h/db?schema=public") == "libpq has no parameter schema");
  CHECK(
      reason("postgres://u:p@h/db?sslmode=require&pgbouncer=true")
      == "libpq has no parameter pgbouncer"
  );
  CHECK(reason("postgres://a:1,b:2/db?schema=x") == "libpq has no parameter schema");
  CHECK(reason("postgres://u:50%@h/db").starts_with("a % in it begins no escape"));
  CHECK(reason("mysql://h/db") == "it does not begin with postgres:// or postgresql://");
  // The password is "hunter2/x?schema=1".
  const auto hidden = reason("postgres://u:hunter2/x?schema=1@h/db");
  CHECK(hidden.find("schema") == std::string::npos);
  CHECK(hidden.find("hunter2") == std::string::npos);
}

}  // namespace stayler::adapters
