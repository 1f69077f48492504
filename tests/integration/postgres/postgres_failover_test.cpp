// SPDX-License-Identifier: MIT

// Several servers in one URL: the one that takes writes is found, also when it is another one than
// before, and nothing that was recorded is lost on the way.

#include "tests/integration/record_store/postgres_fixture.hpp"
#include "tests/integration/record_store/record_store_conformance.hpp"
#include "tests/support/tcp_server.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

namespace stayler::adapters::conformance {

namespace {

std::string place(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

/// The URL with other hosts.
std::string with_hosts(std::string url, const std::string& hosts) {
  const auto begin = url.find('@') + 1;
  return url.replace(begin, url.find('/', begin) - begin, hosts);
}

/// Commits wait for the standby from now on: what was answered is on both.
void make_synchronous(const postgres_process& primary) {
  tell(
      primary.url(), {"ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"}
  );
  REQUIRE(becomes([&] {
    return tell(primary.url(), {"SELECT FROM pg_stat_replication WHERE sync_state = 'sync'"}).size()
           == 1;
  }));
}

}  // namespace

TEST_CASE("records go on at the standby that takes over, and none of them is lost") {
  postgres_process primary;
  const std::string url = primary.new_database();
  const postgres_process standby{postgres_process::standby_of{primary}};
  make_synchronous(primary);
  const auto store =
      open_postgres(with_hosts(url, place(primary.port()) + "," + place(standby.port())));
  constexpr int conversions = 500;
  std::atomic<int> recorded = 0;
  std::thread fate{[&] {
    while (recorded < 150) {
      recorded.wait(recorded);
    }
    primary.kill9();
    standby.promote();
  }};
  int refusals = 0;
  int others = 0;
  for (int n = 0; n < conversions; ++n) {
    const auto update = update_of({1, 1, status::completed, "r"}, std::to_string(n));
    CHECK(becomes([&] {
      const auto kind = kind_of(store->record(update));
      refusals += kind == error_class::unavailable ? 1 : 0;
      others += kind != error_class::unavailable && kind != error_class::none ? 1 : 0;
      return kind == error_class::none;
    }));
    ++recorded;
    recorded.notify_one();
  }
  fate.join();
  CHECK(refusals > 0);
  CHECK(others == 0);
  const std::string count = "SELECT count(*) FROM conversions WHERE status = 'completed'";
  CHECK(tell(with_hosts(url, place(standby.port())), {count}).text(0, 0) == "500");
}

TEST_CASE("a server that takes no writes is an outage, until it does") {
  postgres_process primary;
  const std::string url = primary.new_database();
  const auto store = open_postgres(url);
  const postgres_process standby{postgres_process::standby_of{primary}};
  const std::string there = with_hosts(url, place(standby.port()));
  const auto refused = open_postgres_record_store(at(there));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::unavailable);
  CHECK_THAT(refused.error().message, Catch::Contains("25006"));

  postgres_database database{at(there)};
  const std::string insert = "INSERT INTO stayler_record_probe VALUES (1, 1)";
  const auto in_transaction = [&] {
    return kind_of(database.transact([&](postgres_connection& on) -> void_result {
      auto inserted = on.execute(insert);
      return inserted ? ok() : void_result{inserted.error()};
    }));
  };
  CHECK(database.query("SELECT 1"));
  CHECK(in_transaction() == error_class::unavailable);
  CHECK(database.query(insert).error().kind == error_class::unavailable);
  // Of several hosts it is none to write to.
  const auto of_several = postgres_connection::open(
      at(with_hosts(url, place(standby.port()) + "," + place(standby.port())))
  );
  REQUIRE_FALSE(of_several);
  CHECK(of_several.error().kind == error_class::unavailable);
  standby.promote();
  CHECK(becomes([&] { return in_transaction() == error_class::none; }));
}

TEST_CASE("a host that says nothing costs its time-out, and the next one is taken") {
  const test::tcp_server silent{[](test::tcp_connection& from) { from.await_close(); }};
  const std::string url = shared_server().new_database();
  auto options = at(with_hosts(url, place(silent.port()) + "," + place(shared_server().port())));
  const auto began = std::chrono::steady_clock::now();
  const auto opened = postgres_connection::open(options);
  INFO((opened ? "" : opened.error().message));
  CHECK(opened);
  CHECK(std::chrono::steady_clock::now() - began >= options.connect_timeout);
  CHECK(silent.connections() == 1);

  options.url = with_hosts(url, place(silent.port()) + "," + place(1));
  const auto neither = postgres_connection::open(options);
  REQUIRE_FALSE(neither);
  CHECK(neither.error().kind == error_class::unavailable);
  CHECK_THAT(neither.error().message, Catch::Contains("no answer in time"));
}

}  // namespace stayler::adapters::conformance
