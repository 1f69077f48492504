// SPDX-License-Identifier: MIT

// Logging in, what errors mean, values, and transactions that have to run again.
#include "adapters/postgres/postgres_database.hpp"

#include "tests/support/servers/postgres/postgres_process.hpp"

#include <chrono>

namespace stayler::adapters {

namespace {

using test::postgres_process;

postgres_process& shared_server() {
  static postgres_process server;
  return server;
}

failure refusal_of(const std::string& url) {
  const auto opened = postgres_connection::open({url});
  REQUIRE_FALSE(opened);
  INFO(opened.error().message);
  CHECK(opened.error().message.find("wr0ng") == std::string::npos);
  CHECK(opened.error().message.find(postgres_process::password) == std::string::npos);
  return opened.error();
}

/// A statement that fails with that SQLSTATE.
std::string raise(const std::string& state) {
  return "DO $$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = '" + state + "'; END $$";
}

}  // namespace

TEST_CASE("a login that is refused is told from a server that is away") {
  auto& server = shared_server();
  const failure wrong = refusal_of(server.url("postgres", "wr0ng"));
  CHECK(wrong.kind == error_class::authentication);
  CHECK_THAT(wrong.message, Catch::Contains("28P01"));
  std::string without = server.url();
  without.erase(
      without.find(':' + std::string{postgres_process::password}),
      1 + postgres_process::password.size()
  );
  CHECK(refusal_of(without).kind == error_class::authentication);
  CHECK(refusal_of(server.url("nowhere")).kind == error_class::unavailable);
  CHECK(refusal_of("postgres://ann:wr0ng@127.0.0.1:1/x").kind == error_class::unavailable);
}

TEST_CASE("a password that is changed while the service runs makes the database unavailable") {
  auto& server = shared_server();
  REQUIRE(postgres_connection::open({server.url()})->execute("DROP ROLE IF EXISTS bob"));
  REQUIRE(postgres_connection::open({server.url()})->execute("CREATE ROLE bob LOGIN PASSWORD 'a'"));
  std::string url = server.url();
  url.replace(url.find("ann:"), url.find('@') - url.find("ann:"), "bob:a");
  postgres_database database{{url}};
  REQUIRE(database.connect());
  auto admin = postgres_connection::open({server.url()});
  REQUIRE(admin->execute("ALTER ROLE bob PASSWORD 'b'"));
  REQUIRE(admin->execute(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'bob'"
  ));
  CHECK(database.query("SELECT 1").error().kind == error_class::unavailable);
  CHECK(postgres_database{{url}}.connect().error().kind == error_class::authentication);
}

TEST_CASE("errors are told apart by their SQLSTATE, whatever the server's language") {
  auto connection = postgres_connection::open({shared_server().url()});
  REQUIRE(connection);
  const std::vector<std::pair<std::string, error_class>> meanings{
      {"08006", error_class::unavailable},   {"57014", error_class::unavailable},
      {"55P03", error_class::unavailable},   {"53300", error_class::unavailable},
      {"40001", error_class::unavailable},   {"25006", error_class::unavailable},
      {"57P01", error_class::unavailable},   {"57P03", error_class::unavailable},
      {"58030", error_class::unavailable},   {"53100", error_class::store_full},
      {"53200", error_class::store_full},    {"28000", error_class::authentication},
      {"42501", error_class::permission},    {"23505", error_class::conflict},
      {"23503", error_class::invalid_input}, {"22P02", error_class::invalid_input},
      {"42601", error_class::internal_bug},  {"XX000", error_class::internal_bug},
  };
  for (const auto& [state, kind] : meanings) {
    const auto refused = connection->execute(raise(state));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == kind);
    CHECK(refused.error().message == "PostgreSQL: as told (" + state + ")");
    CHECK(connection->is_usable());
  }
}

TEST_CASE("a server that has no room for another connection is an outage") {
  auto admin = postgres_connection::open({shared_server().url()});
  REQUIRE(admin->execute("DROP ROLE IF EXISTS eve"));
  REQUIRE(admin->execute("CREATE ROLE eve LOGIN PASSWORD 'a' CONNECTION LIMIT 0"));
  std::string url = shared_server().url();
  url.replace(url.find("ann:"), url.find('@') - url.find("ann:"), "eve:a");
  const failure full = refusal_of(url);
  CHECK(full.kind == error_class::unavailable);
  CHECK_THAT(full.message, Catch::Contains("53300"));
}

TEST_CASE("a transaction whose session ends in the middle has changed nothing, and can be repeated"
) {
  const std::string url = shared_server().new_database();
  postgres_options options{url};
  const std::string how = GENERATE("terminated", "idle for too long");
  INFO(how);
  options.idle_timeout = milliseconds{how == "terminated" ? 60'000 : 50};
  postgres_database database{options};
  REQUIRE(database.query("CREATE TABLE t (x integer)"));
  auto admin = postgres_connection::open({url});
  const std::string others =
      " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
  const auto insert = [](postgres_connection& on) {
    auto done = on.execute("INSERT INTO t VALUES (1)");
    return done ? ok() : void_result{done.error()};
  };
  const auto cut_off = database.transact([&](postgres_connection& on) -> void_result {
    REQUIRE(insert(on));
    if (how == "terminated") {
      REQUIRE(admin->execute("SELECT pg_terminate_backend(pid, 5000)" + others));
    }
    while (admin->execute("SELECT 1" + others)->size() > 0) {
    }
    return insert(on);
  });
  REQUIRE_FALSE(cut_off);
  CHECK(cut_off.error().kind == error_class::unavailable);
  CHECK_THAT(cut_off.error().message, Catch::Contains(how == "terminated" ? "57P01" : "25P03"));
  CHECK(admin->execute("SELECT FROM t")->size() == 0);
  while (!database.transact(insert)) {
  }
  CHECK(admin->execute("SELECT FROM t")->size() == 1);
}

TEST_CASE("values go through a statement of PostgreSQL unchanged") {
  postgres_database database{{shared_server().url()}};
  const std::string odd = "na'me \"ü\" \\ {x,y} $1 --";
  const auto row = database.query(
      "SELECT $1, $2::bigint, $3::text IS NULL,"
      " floor(extract(epoch FROM $4::timestamptz) * 1000)::bigint, ($5::text[])[2], NULL",
      {odd, to_postgres(UINT64_C(9'000'000'000'000'000'000)), text_or_null(""),
       to_postgres(timestamp{milliseconds{1'800'000'000'123}}), postgres_array({"", odd})}
  );
  REQUIRE(row);
  CHECK(row->text(0, 0) == odd);
  CHECK(row->number(0, 1) == 9'000'000'000'000'000'000);
  CHECK(row->text(0, 2) == "t");
  CHECK(row->time(0, 3) == timestamp{milliseconds{1'800'000'000'123}});
  CHECK(row->text(0, 4) == odd);
  CHECK(row->text(0, 5).empty());
  CHECK(row->number(0, 5) == 0);

  const std::string large(3'000'000, 'x');
  CHECK(database.query("SELECT $1", {large})->text(0, 0) == large);
}

TEST_CASE("a transaction is whole, and runs again where it lost against another") {
  postgres_database database{{shared_server().new_database()}};
  REQUIRE(database.query("CREATE TABLE t (x integer)"));
  const std::string state = GENERATE("40001", "40P01", "22012");
  int runs = 0;
  const auto done = database.transact([&](postgres_connection& on) -> void_result {
    REQUIRE(on.execute("INSERT INTO t VALUES (1)"));
    if (++runs < 3) {
      return on.execute(raise(state)).error();
    }
    return ok();
  });
  const bool is_race = state != "22012";
  CHECK(runs == (is_race ? 3 : 1));
  CHECK(static_cast<bool>(done) == is_race);
  CHECK(database.query("SELECT FROM t")->size() == (is_race ? 1 : 0));

  const failure own{error_class::conflict, "not now"};
  CHECK(
      database
          .transact([&](postgres_connection& on) -> void_result {
            REQUIRE(on.execute("DELETE FROM t"));
            return own;
          })
          .error()
      == own
  );
  CHECK(database.query("SELECT FROM t")->size() == (is_race ? 1 : 0));
}

TEST_CASE("the server ends a statement that takes too long, and durability is not left to it") {
  auto& server = shared_server();
  REQUIRE(postgres_connection::open({server.url()})
              ->execute("ALTER ROLE ann SET synchronous_commit = off"));
  postgres_options options{server.url()};
  options.statement_timeout = milliseconds{100};
  postgres_database database{options};
  const auto late = database.query("SELECT pg_sleep(60)");
  REQUIRE_FALSE(late);
  CHECK(late.error().kind == error_class::unavailable);
  CHECK_THAT(late.error().message, Catch::Contains("57014"));
  CHECK(database.query("SHOW synchronous_commit")->text(0, 0) == "on");
  REQUIRE(database.query("ALTER ROLE ann RESET synchronous_commit"));
}

TEST_CASE("a server that says nothing costs one time-out, then calls fail at once for a moment") {
  postgres_process server;
  postgres_options options{server.url()};
  options.answer_timeout = milliseconds{200};
  options.connect_timeout = milliseconds{200};
  postgres_database database{options};
  REQUIRE(database.connect());
  server.pause();
  const auto took = [&] {
    const auto began = std::chrono::steady_clock::now();
    const auto refused = database.query("SELECT 1");
    CHECK(refused.error().kind == error_class::unavailable);
    CHECK_THAT(refused.error().message, Catch::Contains("no answer in time"));
    return std::chrono::steady_clock::now() - began;
  };
  const auto first = took();
  CHECK(first >= milliseconds{200});
  CHECK(first < milliseconds{1'000});
  CHECK(took() < milliseconds{100});
  server.resume();
}

}  // namespace stayler::adapters
