// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/redis_job_store.hpp"

#include "adapters/redis/redis_connection.hpp"
#include "tests/integration/job_store/job_store_conformance.hpp"
#include "tests/integration/job_store/random_batches.hpp"
#include "tests/support/servers/redis_process.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

namespace stayler::adapters::conformance {

namespace {

using test::redis_process;
using time_source = redis_job_store_options::time_source;

redis_options at(const redis_process& server) {
  auto options = parse_redis_url(server.url());
  REQUIRE(options);
  options->command_timeout = milliseconds{500};
  return *options;
}

std::unique_ptr<job_store> open_at(
    const redis_process& server,
    time_source clock = time_source::caller,
    milliseconds reaper_term = milliseconds{60'000}
) {
  auto opened = open_redis_job_store({at(server), "test", clock, reaper_term});
  REQUIRE(opened);
  return std::move(*opened);
}

redis_reply send(const redis_process& server, std::initializer_list<std::string_view> command) {
  auto connection = redis_connection::open(at(server));
  REQUIRE(connection);
  auto reply = connection->command(command);
  REQUIRE(reply);
  return std::move(*reply);
}

/// One server for all cases of the contract; each case begins with an empty one.
redis_process& shared_server() {
  static redis_process server{{"--appendfsync", "no"}};
  return server;
}

const store_maker redis{
    [] {
      send(shared_server(), {"FLUSHALL"});
      return open_at(shared_server());
    },
    [](std::unique_ptr<job_store> store) {
      store.reset();
      return open_at(shared_server());
    }};

timestamp today() {
  return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
}

/// Until it is true, with the store's patience; returns whether it became so.
template <class Predicate>
bool becomes(Predicate is_so, std::chrono::seconds patience = std::chrono::seconds{10}) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds{20});
  }
  return true;
}

/// The server is back: a change succeeds again, and all jobs are there.
void check_recovered(driver& d, const std::vector<job>& expected) {
  CHECK(becomes([&] { return !d.one(store_op::find_expired{}).error; }));
  for (const job& j : expected) {
    CHECK(d.stored(j.id).id == j.id);
  }
  CHECK(d.claim(expected.size()).size() == expected.size());
}

}  // namespace

TEST_CASE("the Redis job store accepts each job once") {
  check_enqueue(redis);
}
TEST_CASE("the Redis job store leases jobs in order") {
  check_order(redis);
}
TEST_CASE("the Redis job store guards its leases") {
  check_leases(redis);
}
TEST_CASE("the Redis job store ends jobs for good") {
  check_endings(redis);
}
TEST_CASE("the Redis job store removes final jobs") {
  check_purge(redis);
}
TEST_CASE("the Redis job store keeps the ledger of provider calls") {
  check_ledger(redis);
}
TEST_CASE("the Redis job store retries and drops dead letters") {
  check_dead_letters(redis);
}
TEST_CASE("the Redis job store keeps its bounds") {
  check_limits(redis);
}
TEST_CASE("the Redis job store lists its jobs") {
  check_listing(redis);
}
TEST_CASE("the Redis job store holds what it held when opened again") {
  check_durability(redis);
}
TEST_CASE("the Redis job store behaves as its model does") {
  check_against_model(redis, 400);
}
TEST_CASE("the Redis job store blocks") {
  CHECK(redis.open()->is_blocking());
}

TEST_CASE("the server's clock ends leases, whatever the caller's says") {
  redis_process server;
  driver d{open_at(server, time_source::server)};
  d.now = today() + std::chrono::hours{24};
  d.add();
  const job running = d.claim_one();
  CHECK(running.lease_expires_at < today() + 2 * lease_time);
  CHECK(d.one(store_op::find_expired{}).jobs.empty());
  const attempt_id attempt = current_attempt(running);
  d.one(store_op::renew{attempt, milliseconds{30}});
  CHECK(becomes([&] { return d.one(store_op::find_expired{}).jobs.size() == 1; }));
}

TEST_CASE("nothing that Redis has answered is lost by kill -9 of Redis") {
  redis_process server;
  driver d{open_at(server)};
  std::vector<job> accepted;
  for (int i = 0; i < 50; ++i) {
    accepted.push_back(d.add("user-" + std::to_string(i % 3)));
  }
  const job done = d.claim_one();
  d.one(store_op::complete{current_attempt(done), {}});
  server.kill9();
  CHECK(d.one(store_op::enqueue{d.new_job()}).error.kind == error_class::unavailable);
  server.start();
  CHECK(becomes([&] { return !d.one(store_op::find_expired{}).error; }));
  CHECK(d.stored(done.id).status == job_status::completed);
  CHECK(d.last.counts.pending == 49);
  CHECK(d.claim(60).size() == 49);
}

TEST_CASE("a Redis that is stopped and started again is found again") {
  redis_process server;
  driver d{open_at(server)};
  const job kept = d.add();
  server.stop();
  const store_reply refused = d.one(store_op::enqueue{d.new_job()});
  CHECK(refused.error.kind == error_class::unavailable);
  CHECK_FALSE(d.store->find(kept.id));
  CHECK_FALSE(d.store->list({}));
  CHECK_FALSE(d.store->waiting());
  CHECK_FALSE(d.store->counts());
  server.start();
  check_recovered(d, {kept});
}

TEST_CASE("a store may be opened while Redis is away") {
  redis_process server;
  server.stop();
  driver d{open_at(server)};
  CHECK(d.one(store_op::enqueue{d.new_job()}).error.kind == error_class::unavailable);
  server.start();
  CHECK(becomes([&] { return !d.one(store_op::enqueue{d.new_job()}).error; }));
}

TEST_CASE("a Redis that hangs is answered for in time, and goes on") {
  redis_process server;
  driver d{open_at(server)};
  const job kept = d.add();
  server.pause();
  const auto began = std::chrono::steady_clock::now();
  CHECK(d.one(store_op::enqueue{d.new_job()}).error.kind == error_class::unavailable);
  CHECK(d.one(store_op::enqueue{d.new_job()}).error.kind == error_class::unavailable);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{3});
  server.resume();
  CHECK(becomes([&] { return !d.one(store_op::find_expired{}).error; }));
  CHECK(d.stored(kept.id).status == job_status::pending);
}

TEST_CASE("a Redis that has become a read-only replica takes nothing, until it is a master again") {
  redis_process master;
  redis_process server;
  driver d{open_at(server)};
  send(server, {"REPLICAOF", "127.0.0.1", std::to_string(master.port())});
  CHECK(d.one(store_op::enqueue{d.new_job()}).error.kind == error_class::unavailable);
  send(server, {"REPLICAOF", "NO", "ONE"});
  CHECK(becomes([&] { return !d.one(store_op::enqueue{d.new_job()}).error; }));
}

TEST_CASE("a script cache that was flushed is filled again within the same call") {
  redis_process server;
  driver d{open_at(server)};
  const job first = d.add();
  send(server, {"SCRIPT", "FLUSH"});
  CHECK(d.claim_one().id == first.id);
}

TEST_CASE("connections reset in the middle of pipelines lose and double nothing") {
  redis_process server;
  driver d{open_at(server)};
  std::atomic<bool> is_over{false};
  const auto killer = std::async(std::launch::async, [&] {
    auto connection = redis_connection::open(at(server));
    while (!is_over && connection) {
      static_cast<void>(connection->command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}));
      std::this_thread::sleep_for(milliseconds{7});
    }
  });
  std::set<job_id> accepted;
  std::map<job_id, int> completed;
  std::vector<job> running;
  int broken = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while ((broken < 20 || accepted.size() < 500) && std::chrono::steady_clock::now() < deadline) {
    std::vector<store_change> batch;
    for (int i = 0; i < 20; ++i) {
      batch.emplace_back(store_op::enqueue{d.new_job("user-" + std::to_string(i % 4))});
    }
    for (const job& j : running) {
      batch.emplace_back(store_op::complete{current_attempt(j), {}});
    }
    batch.emplace_back(store_op::claim{std::vector<std::string>(10, "w"), "host", lease_time});
    const auto outcome = d.store->execute(batch, d.now);
    std::vector<job> still_running;
    for (std::size_t i = 0; i + 1 < batch.size(); ++i) {
      const store_reply& reply = outcome.replies[i];
      if (i < 20 && !reply.error) {
        accepted.insert(reply.jobs.at(0).id);
      } else if (i >= 20 && !reply.error) {
        ++completed[reply.jobs.at(0).id];
      } else if (i >= 20) {
        REQUIRE(reply.error.kind == error_class::unavailable);
        still_running.push_back(running[i - 20]);
      }
    }
    broken += outcome.replies.back().error ? 1 : 0;
    running = std::move(still_running);
    running.insert(
        running.end(), outcome.replies.back().jobs.begin(), outcome.replies.back().jobs.end()
    );
  }
  is_over = true;
  killer.wait();
  CHECK(broken >= 20);
  REQUIRE(becomes([&] { return !d.one(store_op::find_expired{}).error; }));
  // What is known to run ends now, if it has not ended with an answer that was lost.
  for (const job& j : running) {
    REQUIRE_FALSE(d.one(store_op::complete{current_attempt(j), {}}).error);
    ++completed[j.id];
  }
  // Everything else waits: no lease is left behind by a claim whose answer was lost.
  CHECK(d.all({{job_status::processing}, {}, "", "", {}, {}, 500}).empty());
  CHECK(std::ranges::all_of(completed, [](const auto& job) { return job.second == 1; }));
  std::set<job_id> stored;
  for (const job& j : d.all({{}, {}, "", "", {}, {}, 500})) {
    stored.insert(j.id);
  }
  CHECK(std::includes(stored.begin(), stored.end(), accepted.begin(), accepted.end()));
  CHECK(stored.size() == d.store->counts()->accepted);
  for (int pass = 0; pass < 20; ++pass) {
    d.one(store_op::verify_indexes{});
  }
  CHECK(d.last.counts.repaired == 0);
}

TEST_CASE("a Redis without memory takes no new job, and lets running ones end") {
  redis_process server;
  driver d{open_at(server)};
  d.add();
  d.add();
  const job running = d.claim_one();
  send(server, {"CONFIG", "SET", "maxmemory", "1"});
  const store_reply refused = d.one(store_op::enqueue{d.new_job()});
  CHECK(refused.error.kind == error_class::store_full);
  CHECK_FALSE(d.one(store_op::renew{current_attempt(running), lease_time}).error);
  CHECK_FALSE(d.one(store_op::complete{current_attempt(running), {}}).error);
  const job next = d.claim_one();
  CHECK_FALSE(d.one(store_op::requeue{
                        current_attempt(next), store_op::end_of_lease::failed,
                        error_of(error_class::timeout), d.now + milliseconds{1}}
  ).error);
  send(server, {"CONFIG", "SET", "maxmemory", "0"});
  CHECK_FALSE(d.one(store_op::enqueue{d.new_job()}).error);
  CHECK(d.last.counts.accepted == 3);
}

TEST_CASE("a Redis that would throw jobs away is refused") {
  const redis_process server{{"--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"}};
  const auto opened = open_redis_job_store({at(server), "test", time_source::server});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == error_class::invalid_input);
}

TEST_CASE("stores that share a queue give each job out once, and wake each other") {
  redis_process server;
  driver one{open_at(server)};
  driver two{open_at(server)};
  std::promise<void> notified;
  std::atomic<bool> is_notified{false};
  two.store->on_external_change([&](const external_change& change) {
    if (change.cancelled.value.is_nil() && !is_notified.exchange(true)) {
      notified.set_value();
    }
  });
  CHECK(becomes([&] {
    return send(server, {"PUBSUB", "NUMSUB", "{test}:wake"}).value()[1].number() == 1;
  }));
  std::set<job_id> given;
  for (int i = 0; i < 100; ++i) {
    one.add("user-" + std::to_string(i % 5));
  }
  CHECK(notified.get_future().wait_for(std::chrono::seconds{5}) == std::future_status::ready);
  CHECK(two.store->waiting()->counts.pending == 100);
  std::size_t total = 0;
  for (int i = 0; i < 10; ++i) {
    for (driver* d : {&one, &two}) {
      const auto jobs = d->claim(5);
      total += jobs.size();
      for (const job& j : jobs) {
        given.insert(j.id);
      }
    }
  }
  CHECK(total == 100);
  CHECK(given.size() == 100);
}

TEST_CASE("of two stores that change the same job at the same time, one is refused") {
  redis_process server;
  driver one{open_at(server)};
  driver two{open_at(server)};
  for (int i = 0; i < 50; ++i) {
    const job added = one.add();
    const job running = one.claim_one();
    auto cancelled = std::async(std::launch::async, [&] {
      const store_change cancel = store_op::cancel{added.id};
      return two.store->execute({&cancel, 1}, two.now).replies.front().error.kind;
    });
    const error_class completed =
        one.one(store_op::complete{current_attempt(running), {}}).error.kind;
    const std::set<error_class> ends{completed, cancelled.get()};
    CHECK(ends == std::set<error_class>{error_class::none, error_class::conflict});
  }
}

TEST_CASE("a store is notified when another cancels a job that somebody works on") {
  redis_process server;
  driver one{open_at(server)};
  driver two{open_at(server)};
  std::promise<job_id> notified;
  one.store->on_external_change([&, is_notified = false](const external_change& change) mutable {
    if (!change.cancelled.value.is_nil() && !std::exchange(is_notified, true)) {
      notified.set_value(change.cancelled);
    }
  });
  CHECK(becomes([&] {
    return send(server, {"PUBSUB", "NUMSUB", "{test}:wake"}).value()[1].number() == 1;
  }));
  const job running = [&] {
    one.add();
    return one.claim_one();
  }();
  const job waiting = one.add();
  CHECK_FALSE(two.one(store_op::cancel{waiting.id}).error);
  CHECK_FALSE(two.one(store_op::cancel{running.id}).error);
  auto cancelled = notified.get_future();
  REQUIRE(cancelled.wait_for(std::chrono::seconds{10}) == std::future_status::ready);
  CHECK(cancelled.get() == running.id);
}

TEST_CASE("one store at a time looks for expired leases, and another when that one has gone") {
  redis_process server;
  const milliseconds term{3'000};
  auto one = std::make_unique<driver>(open_at(server, time_source::caller, term));
  driver two{open_at(server, time_source::caller, term)};
  one->add();
  const job expired = one->claim_one();
  one->now += lease_time;
  two.now = one->now;
  const auto finds = [&](driver& d) { return !d.one(store_op::find_expired{}).jobs.empty(); };
  REQUIRE(finds(*one));
  CHECK_FALSE(finds(two));
  SECTION("at once, where it has closed") {
    one.reset();
    CHECK(finds(two));
  }
  SECTION("when its term is over, where it was killed") {
    // It says nothing more, as the dead do.
    CHECK(becomes([&] { return finds(two); }));
    CHECK_FALSE(finds(*one));
  }
  SECTION("it alone purges") {
    two.one(store_op::fail{current_attempt(expired), store_op::end_of_lease::crashed, {}});
    two.now += std::chrono::hours{1};
    one->now = two.now;
    const store_op::purge all{milliseconds{1}, milliseconds{1}, 0};
    finds(*one);
    two.one(all);
    CHECK(two.last.counts.failed == 1);
    one->one(all);
    CHECK(one->last.counts.failed == 0);
  }
}

TEST_CASE("an index that has lost a job is repaired when indexes are verified, and that is counted"
) {
  redis_process server;
  driver d{open_at(server)};
  const job waiting = d.add();
  const job running = d.claim_one();
  REQUIRE(running.id == waiting.id);
  send(server, {"DEL", "{test}:leases"});
  const job lost = d.add("bob");
  send(
      server, {"DEL",
               std::string_view{
                   "{test}:line:\x05\x00"
                   "bob",
                   17}}
  );
  CHECK(d.claim(1).empty());
  d.one(store_op::verify_indexes{});
  CHECK(d.last.counts.repaired >= 2);
  CHECK(d.claim_one().id == lost.id);
  d.now += lease_time;
  CHECK(d.one(store_op::find_expired{}).jobs.size() == 2);
}

TEST_CASE("the Redis job store logs in, selects its database and uses a socket") {
  redis_process server{{"--requirepass", "s3cret/x"}};
  SECTION("without a password it is refused") {
    const auto opened = open_redis_job_store({at(server), "test", time_source::server});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == error_class::authentication);
  }
  SECTION("with one, over TCP and the socket, into the database asked for") {
    const std::string tcp = "redis://:s3cret%2Fx@127.0.0.1:" + std::to_string(server.port()) + "/3";
    const std::string local = "unix://:s3cret%2Fx@localhost" + server.socket_path() + "?db=3";
    auto first = open_redis_job_store({*parse_redis_url(tcp), "test", time_source::caller});
    REQUIRE(first);
    driver d{std::move(*first)};
    const job added = d.add();
    auto second = open_redis_job_store({*parse_redis_url(local), "test", time_source::caller});
    REQUIRE(second);
    CHECK((*second)->find(added.id));
  }
}

}  // namespace stayler::adapters::conformance
