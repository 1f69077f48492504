// SPDX-License-Identifier: MIT

// Several processes on one PostgreSQL: they make the tables once, and of writers of one record the
// right one stands.

#include "tests/integration/record_store/postgres_fixture.hpp"
#include "tests/integration/record_store/record_store_conformance.hpp"

#include <atomic>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace stayler::adapters::conformance {

TEST_CASE("processes that start together make the tables once") {
  const std::string url = shared_server().new_database();
  std::vector<std::future<bool>> starting;
  for (int i = 0; i < 8; ++i) {
    starting.push_back(std::async(std::launch::async, [&url] {
      const auto store = open_postgres_record_store(*parse_postgres_url(url));
      return store && (*store)->probe();
    }));
  }
  for (auto& one : starting) {
    CHECK(one.get());
  }
}

TEST_CASE("of attempts that record one conversion at the same time the greatest token stands") {
  const bool is_new = GENERATE(true, false);
  const std::string url = shared_server().new_database();
  constexpr std::uint64_t writers = 6;
  constexpr int conversions = 25;
  std::vector<std::unique_ptr<record_store>> stores;
  for (std::uint64_t i = 0; i < writers; ++i) {
    stores.push_back(open_postgres(url));
  }
  std::atomic<int> ready{0};
  std::atomic<int> unexpected{0};
  std::atomic<int> completed{0};
  for (int n = 0; !is_new && n < conversions; ++n) {
    REQUIRE(stores[0]->record(update_of({1, 0, status::pending, ""}, std::to_string(n))));
  }
  const auto write = [&](std::uint64_t token) {
    for (int n = 0; n < conversions; ++n) {
      ++ready;
      while (ready < static_cast<int>(writers) * (n + 1)) {
        std::this_thread::yield();
      }
      const std::string id = std::to_string(n);
      for (const auto says : {status::processing, status::completed}) {
        const bool is_last = says == status::completed;
        const auto answer = stores[token - 1]->record(
            update_of({1, token, says, is_last ? "r" + std::to_string(token) : ""}, id)
        );
        if (answer && is_last) {
          ++completed;
        } else if (!answer && answer.error().kind != conflict) {
          ++unexpected;
        }
      }
    }
  };
  std::vector<std::thread> threads;
  for (std::uint64_t token = 1; token <= writers; ++token) {
    threads.emplace_back(write, token);
  }
  for (auto& thread : threads) {
    thread.join();
  }
  CHECK(unexpected == 0);
  // Each conversion took one result, and says whose.
  CHECK(completed == conversions);
  for (int n = 0; n < conversions; ++n) {
    const auto found = stores[0]->find_conversion(std::to_string(n));
    REQUIRE(found);
    CHECK(found->last.status == status::completed);
    const auto token = static_cast<std::uint64_t>(found->last.attempt.token);
    CHECK(found->last.result_image_id == "r" + std::to_string(token));
  }
}

TEST_CASE("who waits for another's record decides on what that one has written") {
  const std::string url = shared_server().new_database();
  const auto store = open_postgres(url);
  REQUIRE(store->record(update_of({1, 1, status::processing, ""})));
  auto other = postgres_connection::open(at(url));
  REQUIRE(other);
  REQUIRE(other->execute("BEGIN"));
  REQUIRE(other->execute("UPDATE conversions SET status = 'processing' WHERE id = 'c1'"));
  REQUIRE(other->execute("UPDATE stayler_conversion_leases SET token = 2"));
  auto late = std::async(std::launch::async, [&store] {
    return store->record(update_of({1, 1, status::completed, "r"}));
  });
  REQUIRE(becomes([&] {
    const auto waiting =
        other->execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    return waiting && waiting->size() == 1;
  }));
  REQUIRE(other->execute("COMMIT"));
  CHECK(kind_of(late.get()) == conflict);
}

TEST_CASE("a record that another holds for too long is unavailable") {
  const std::string url = shared_server().new_database();
  const auto store = open_postgres(url);
  REQUIRE(store->record(update_of({1, 1, status::processing, ""})));
  auto other = postgres_connection::open(at(url));
  REQUIRE(other);
  REQUIRE(other->execute("BEGIN"));
  REQUIRE(other->execute("SELECT FROM conversions FOR UPDATE"));
  const auto refused = store->record(update_of({1, 1, status::completed, "r"}));
  CHECK(kind_of(refused) == error_class::unavailable);
  CHECK_THAT(refused.error().message, Catch::Contains("57014"));
  CHECK(store->probe());
  REQUIRE(other->execute("ROLLBACK"));
  CHECK(store->record(update_of({1, 1, status::completed, "r"})));
}

}  // namespace stayler::adapters::conformance
