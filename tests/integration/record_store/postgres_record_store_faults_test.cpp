// SPDX-License-Identifier: MIT

// A PostgreSQL that is away, hung, or ends its connections: the store goes on by itself.

#include "tests/integration/record_store/postgres_fixture.hpp"
#include "tests/integration/record_store/record_store_conformance.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace stayler::adapters::conformance {

TEST_CASE("a store goes on by itself when its server was away") {
  postgres_process server;
  const std::string url = server.new_database();
  const auto store = open_postgres(url);
  const auto update = update_of({1, 1, status::processing, ""});
  REQUIRE(store->record(update));
  const auto check_away = [&] {
    const auto began = std::chrono::steady_clock::now();
    CHECK(kind_of(store->probe()) == error_class::unavailable);
    CHECK(kind_of(store->record(update)) == error_class::unavailable);
    CHECK(store->find_image("i1").error().kind == error_class::unavailable);
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{4});
  };
  SECTION("stopped and started again") {
    server.stop();
    check_away();
    server.start();
  }
  SECTION("restarted between two calls") {
    server.stop();
    server.start();
    CHECK(store->probe());
  }
  SECTION("killed") {
    server.kill9();
    check_away();
    server.start();
  }
  SECTION("hung") {
    server.pause();
    check_away();
    server.resume();
  }
  const auto back = std::chrono::steady_clock::now();
  CHECK(becomes([&] { return static_cast<bool>(store->probe()); }));
  CHECK(std::chrono::steady_clock::now() - back < std::chrono::seconds{2});
  CHECK(store->find_conversion("c1")->last == update);
  CHECK(store->record(update_of({1, 1, status::completed, "r"})));
}

TEST_CASE("connections that the server ends are made again, in the middle of work too") {
  const std::string url = shared_server().new_database();
  const auto store = open_postgres(url);
  const std::string end_others =
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
      " WHERE datname = current_database() AND pid <> pg_backend_pid()";
  tell(url, {end_others});
  CHECK(store->record(update_of({1, 1, status::processing, ""})));

  std::atomic<bool> is_over = false;
  std::thread foe{[&] {
    auto connection = postgres_connection::open(*parse_postgres_url(url));
    while (connection && !is_over) {
      static_cast<void>(connection->execute(end_others));
      std::this_thread::sleep_for(milliseconds{5});
    }
  }};
  std::vector<std::string> answered;
  int refusals = 0;
  for (int n = 0; n < 100'000 && (answered.size() < 50 || refusals < 5); ++n) {
    const auto answer = store->record(update_of({1, 1, status::completed, "r"}, std::to_string(n)));
    if (answer) {
      answered.push_back(std::to_string(n));
    } else {
      ++refusals;
      CHECK(answer.error().kind == error_class::unavailable);
      std::this_thread::sleep_for(milliseconds{2});
    }
  }
  is_over = true;
  foe.join();
  CHECK(refusals >= 5);
  CHECK(becomes([&] { return static_cast<bool>(store->probe()); }));
  for (const std::string& id : answered) {
    CHECK(store->find_conversion(id)->last.status == status::completed);
  }
}

}  // namespace stayler::adapters::conformance
