// SPDX-License-Identifier: MIT

// The contract of an outbox, kept by PostgreSQL; and whose entries are whose where processes share
// it.
#include "adapters/outbox/postgres_outbox.hpp"

#include "adapters/postgres/postgres_database.hpp"
#include "tests/integration/outbox/outbox_conformance.hpp"
#include "tests/support/letter_keys.hpp"
#include "tests/support/servers/postgres/postgres_process.hpp"

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

namespace stayler::adapters::conformance {

namespace {

using test::postgres_process;

postgres_process& shared_server() {
  static postgres_process server;
  return server;
}

std::unique_ptr<outbox> open_postgres(
    const std::string& url,
    const std::string& instance_id,
    milliseconds claim_time = milliseconds{30'000},
    std::size_t max_claimed = 10'000
) {
  auto opened = open_postgres_outbox({{url}, instance_id, claim_time, max_claimed});
  INFO((opened ? "" : opened.error().message));
  REQUIRE(opened);
  return std::move(*opened);
}

/// Makes all claims that there are run out.
void let_claims_run_out(const std::string& url) {
  postgres_database database{{url}};
  REQUIRE(database.query("UPDATE stayler_outbox SET claimed_until = now() - interval '1 s'"));
}

}  // namespace

TEST_CASE("the PostgreSQL outbox keeps the contract") {
  const outbox_maker maker{
      [url = shared_server().new_database()] { return open_postgres(url, "host/1"); }};
  check_contract(maker);
  SECTION("durability") {
    check_durability(maker);
  }
  CHECK(maker.open()->is_blocking());
  CHECK(maker.open()->is_shared());
}

TEST_CASE("the PostgreSQL outbox keeps the contract with encrypted entries") {
  const std::string url = shared_server().new_database();
  const outbox_maker maker{[url] {
    postgres_outbox_options options{{url}, "host/1"};
    options.keys = test::letter_keys("a");
    auto opened = open_postgres_outbox(options);
    REQUIRE(opened);
    return std::move(*opened);
  }};
  check_contract(maker);
}

TEST_CASE("nothing of what notifications say is in PostgreSQL, with any key that was put in front"
) {
  const std::string url = shared_server().new_database();
  postgres_database database{{url}};
  const auto told = [&] {
    const auto rows =
        database.query("SELECT string_agg(encode(body, 'escape') || error, ' ') FROM stayler_outbox"
        );
    REQUIRE(rows);
    return rows->text(0, 0);
  };
  postgres_outbox_options options{{url}, "host/1"};
  const auto open_with = [&](const encryption_keys& keys) {
    options.keys = keys;
    auto opened = open_postgres_outbox(options);
    REQUIRE(opened);
    return std::move(*opened);
  };
  add(*open_with({}), {entry("plain", 1)});
  CHECK(told().find("hooks.example.com") != std::string::npos);
  CHECK(told().find("receiver redirects") != std::string::npos);
  CHECK(open_ids(*open_with(test::letter_keys("a"))).empty());

  const auto box = open_with(test::letter_keys("ba", ",plain"));
  add(*open_with(test::letter_keys("a")), {entry("old", 2)});
  CHECK(open_entries(*box) == std::vector{entry("plain", 1), entry("old", 2)});
  options.keys = test::letter_keys("ba", ",plain");
  const auto report = reencrypt_postgres_outbox(options, [](const failure&) {});
  REQUIRE(report);
  CHECK(report->seen == 2);
  CHECK(report->encrypted == 2);
  CHECK(told().find("hooks.example.com") == std::string::npos);
  CHECK(told().find("receiver redirects") == std::string::npos);
  const auto only_new = open_with(test::letter_keys("b"));
  CHECK(open_entries(*only_new) == std::vector{entry("plain", 1), entry("old", 2)});

  REQUIRE(
      database.query("UPDATE stayler_outbox SET body = set_byte(body, 40, 255 - get_byte(body, 40))"
                     " WHERE event_id = 'old'")
  );
  CHECK(open_ids(*only_new) == ids{"plain"});
}

TEST_CASE("an open entry belongs to one process, until that leaves it") {
  const std::string url = shared_server().new_database();
  const auto mine = open_postgres(url, "host/1");
  const auto other = open_postgres(url, "host/2");
  add(*mine, {entry("e1", 1), entry("e2", 2)});
  add(*other, {entry("e3", 3)});
  CHECK(open_ids(*mine) == ids{"e1", "e2"});
  CHECK(open_ids(*other) == ids{"e3"});
  CHECK(add(*other, {entry("e1", 0, "second")}) == ids{"e1"});

  // The one that lists first has renewed its claim, and takes over the others.
  let_claims_run_out(url);
  CHECK(open_ids(*other) == ids{"e1", "e2", "e3"});
  CHECK(open_ids(*mine).empty());
}

TEST_CASE("who opens an entry again has it, whoever had it before") {
  const std::string url = shared_server().new_database();
  const auto mine = open_postgres(url, "host/1");
  const auto other = open_postgres(url, "host/2");
  add(*mine, {entry("e1")});
  CHECK(listed(*other, {}) == ids{"e1"});
  update(*mine, ended("e1", outbox_state::given_up));
  REQUIRE(other->reopen({{outbox_state::given_up}}, at(50))->size() == 1);
  CHECK(open_ids(*mine).empty());
  CHECK(open_ids(*other) == ids{"e1"});
}

TEST_CASE("a claim runs out by the server's clock") {
  const std::string url = shared_server().new_database();
  const auto mine = open_postgres(url, "host/1", milliseconds{50});
  const auto other = open_postgres(url, "host/2");
  add(*mine, {entry("e1")});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (open_ids(*other).empty()) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(milliseconds{5});
  }
}

TEST_CASE("who has lost an entry can say that it was delivered, and nothing else") {
  const std::string url = shared_server().new_database();
  const auto mine = open_postgres(url, "host/1");
  const auto other = open_postgres(url, "host/2");
  add(*mine, {entry("e1"), entry("e2"), entry("e3")});
  let_claims_run_out(url);
  REQUIRE(open_ids(*other).size() == 3);
  update(*mine, ended("e1", outbox_state::delivered));
  update(*mine, ended("e2", outbox_state::given_up));
  update(*mine, {"e3", outbox_state::open, at(99), 9});
  const auto left = open_entries(*other);
  CHECK(left == std::vector<outbox_entry>{entry("e2"), entry("e3")});
}

TEST_CASE("nobody takes over more than it may have, and its own come first") {
  const std::string url = shared_server().new_database();
  const auto dead = open_postgres(url, "host/1");
  add(*dead, {entry("old", 1), entry("older", 0), entry("young", 2)});
  let_claims_run_out(url);
  const auto mine = open_postgres(url, "host/2", milliseconds{30'000}, 2);
  add(*mine, {entry("own", 9)});
  CHECK(open_ids(*mine) == ids{"older", "own"});
  CHECK(open_ids(*open_postgres(url, "host/3")) == ids{"old", "young"});
}

TEST_CASE("processes that take over at the same time share what there is") {
  const std::string url = shared_server().new_database();
  const auto dead = open_postgres(url, "host/0");
  std::vector<outbox_entry> entries;
  for (int i = 0; i < 2'000; ++i) {
    entries.push_back(entry("e" + std::to_string(i), i));
  }
  add(*dead, entries);
  let_claims_run_out(url);
  std::vector<std::unique_ptr<outbox>> heirs;
  for (int i = 1; i <= 4; ++i) {
    heirs.push_back(open_postgres(url, "host/" + std::to_string(i), milliseconds{30'000}, 500));
  }
  std::vector<ids> shares(heirs.size());
  std::atomic<std::size_t> ready{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < heirs.size(); ++i) {
    threads.emplace_back([&, i] {
      ++ready;
      while (ready < heirs.size()) {
        std::this_thread::yield();
      }
      // The last of them finds less than it may have while the others are at it.
      for (std::size_t count = 0; count < 500;) {
        const auto listed = heirs[i]->list_open();
        count = listed ? listed->size() : 0;
        for (const auto& one : listed ? *listed : std::vector<outbox_entry>{}) {
          shares[i].push_back(one.event.event_id);
        }
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  // Nobody was ever given what another has.
  std::set<std::string> all;
  std::size_t total = 0;
  for (const ids& share : shares) {
    const std::set<std::string> mine{share.begin(), share.end()};
    total += mine.size();
    all.insert(mine.begin(), mine.end());
  }
  CHECK(total == entries.size());
  CHECK(all.size() == entries.size());
}

TEST_CASE("an outbox whose server is away is unavailable, and goes on by itself") {
  postgres_process server;
  const auto box = open_postgres(server.new_database(), "host/1");
  add(*box, {entry("e1")});
  server.stop();
  CHECK(box->execute({{entry("e2")}, {}}).error().kind == error_class::unavailable);
  CHECK(box->list_open().error().kind == error_class::unavailable);
  CHECK(box->purge({at(0), at(0)}).error().kind == error_class::unavailable);
  server.start();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  while (!box->list_open()) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(milliseconds{20});
  }
  CHECK(add(*box, {entry("e1"), entry("e2")}) == ids{"e1"});
}

}  // namespace stayler::adapters::conformance
