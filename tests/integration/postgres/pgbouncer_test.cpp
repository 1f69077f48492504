// SPDX-License-Identifier: MIT

// PostgreSQL behind a pooler in transaction mode: each transaction may have another session.

#include "adapters/outbox/postgres_outbox.hpp"
#include "tests/integration/record_store/postgres_fixture.hpp"
#include "tests/integration/record_store/record_store_conformance.hpp"
#include "tests/support/servers/postgres/pgbouncer_process.hpp"

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace stayler::adapters::conformance {

namespace {

const test::pgbouncer_process& shared_pooler() {
  static const test::pgbouncer_process pooler{shared_server()};
  return pooler;
}

std::string pooled_database() {
  return shared_pooler().through(shared_server().new_database());
}

/// Settings of the session that this connection happens to have, outside of a transaction.
std::string setting(postgres_connection& on, const std::string& name) {
  const auto shown = on.execute("SHOW " + name);
  REQUIRE(shown);
  return shown->text(0, 0);
}

}  // namespace

TEST_CASE("a pooler is noticed by itself, or by what the URL says") {
  const std::string direct = shared_server().new_database();
  CHECK_FALSE(postgres_connection::open(at(direct))->is_pooled());
  CHECK(postgres_connection::open(at(shared_pooler().through(direct)))->is_pooled());
  CHECK(postgres_connection::open(at(direct + "?pgbouncer=true"))->is_pooled());
}

TEST_CASE("settings hold for the transactions of the service, and for nobody else's") {
  const std::string url = pooled_database();
  postgres_options options = at(url + "?schema=pg_catalog");
  options.statement_timeout = milliseconds{77};
  postgres_database database{options};
  CHECK(database.query("SHOW statement_timeout")->text(0, 0) == "77ms");
  CHECK(database.query("SHOW search_path")->text(0, 0) == "\"pg_catalog\"");
  CHECK(database.query("SHOW timezone")->text(0, 0) == "UTC");
  CHECK(database.query("SELECT pg_sleep(5)").error().kind == error_class::unavailable);
  CHECK(database.query("SHOW statement_timeout")->text(0, 0) == "77ms");

  // Both sessions of the pool, as another client has them.
  auto one = postgres_connection::open(at(url));
  auto two = postgres_connection::open(at(url));
  REQUIRE(one->execute("BEGIN"));
  REQUIRE(two->execute("BEGIN"));
  for (auto* each : {&*one, &*two}) {
    CHECK(setting(*each, "statement_timeout") == "0");
    CHECK(setting(*each, "idle_in_transaction_session_timeout") == "0");
    CHECK(setting(*each, "search_path") == "\"$user\", public");
  }
}

TEST_CASE("the record store keeps its contract through a pooler") {
  const record_store_maker maker{[url = pooled_database()] { return open_postgres(url); }};
  SECTION("fencing") {
    check_fencing(maker);
  }
  SECTION("updates together") {
    check_updates_together(maker);
  }
  SECTION("owners") {
    check_owners(maker);
  }
  SECTION("images") {
    check_images(maker);
  }
  SECTION("spending") {
    check_spending(maker);
  }
  SECTION("durability") {
    check_durability(maker);
  }
}

TEST_CASE("stores that have fewer sessions than they are do not mix what they do") {
  const std::string url = pooled_database() + "?pgbouncer=true&connection_limit=1";
  std::atomic<int> recorded = 0;
  const auto write = [&](int writer) {
    const auto store = open_postgres_record_store(at(url));
    for (int n = 0; store && n < 25; ++n) {
      const std::string id = std::to_string(writer) + "-" + std::to_string(n);
      const auto update = update_of({1, 1, status::processing, ""}, id);
      const auto ended = update_of({1, 1, status::completed, "r"}, id);
      recorded += (*store)->record(update) && (*store)->record(ended) ? 1 : 0;
    }
  };
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 6; ++writer) {
    writers.emplace_back(write, writer);
  }
  for (std::thread& each : writers) {
    each.join();
  }
  CHECK(recorded == 150);
  CHECK(
      tell(url, {"SELECT count(*) FROM conversions WHERE status = 'completed'"}).text(0, 0) == "150"
  );
}

TEST_CASE("tables are made and found in the schema that the URL names, through a pooler too") {
  const std::string direct = shared_server().new_database();
  const std::string url = GENERATE(true, false) ? direct : shared_pooler().through(direct);
  const std::string named = url + "?schema=App&connection_limit=1";
  const auto refused = open_postgres_record_store(at(named));
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::Contains("no schema of the search path (\"App\")"));

  tell(url, {"CREATE SCHEMA \"App\""});
  const auto store = open_postgres(named);
  REQUIRE(store->record(update_of({1, 1, status::processing, ""})));
  CHECK(store->find_conversion("c1"));
  CHECK(tell(url, {"SELECT FROM \"App\".conversions"}).size() == 1);
  CHECK(tell(url, {"SELECT FROM pg_tables WHERE schemaname = 'public'"}).size() == 0);
}

TEST_CASE("an outbox behind a pooler keeps what it was given") {
  const std::string url = pooled_database();
  auto outbox = open_postgres_outbox({at(url), "one"});
  REQUIRE(outbox);
  outbox_entry entry;
  entry.event.event_id = "e1";
  REQUIRE((*outbox)->execute({{entry}, {}}));
  REQUIRE((*outbox)->list_open());
  CHECK((*outbox)->list_open()->size() == 1);
  REQUIRE((*outbox)->execute({{}, {{"e1", outbox_state::delivered, at(1), 1}}}));
  CHECK((*outbox)->list_open()->empty());
}

TEST_CASE("a server that goes away behind its pooler is an outage, and comes back by itself") {
  postgres_process server;
  const std::string direct = server.new_database();
  const test::pgbouncer_process pooler{server};
  const auto store = open_postgres(pooler.through(direct));
  const auto update = update_of({1, 1, status::processing, ""});
  REQUIRE(store->record(update));
  server.stop();
  CHECK(kind_of(store->probe()) == error_class::unavailable);
  CHECK(kind_of(store->record(update)) == error_class::unavailable);
  server.start();
  CHECK(becomes([&] { return static_cast<bool>(store->probe()); }));
  CHECK(store->find_conversion("c1")->last == update);
}

}  // namespace stayler::adapters::conformance
