// SPDX-License-Identifier: MIT

// A Redis that is killed, away, hung, a replica, full, or loses connections: nothing that was
// answered is lost or doubled, and the store goes on by itself.

#include "tests/integration/job_store/conformance/driver.hpp"
#include "tests/integration/job_store/redis_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace stayler::adapters::conformance {

namespace {

/// The server is back: a change succeeds again, and all jobs are there.
void check_recovered(driver& d, const std::vector<job>& expected) {
  CHECK(becomes([&] { return !d.one(store_op::find_expired{}).error; }));
  for (const job& j : expected) {
    CHECK(d.stored(j.id).id == j.id);
  }
  CHECK(d.claim(expected.size()).size() == expected.size());
}

}  // namespace

TEST_CASE("nothing that Redis has answered is lost by kill -9 of Redis") {
  redis_process server;
  driver d{open_at(server)};
  std::vector<job> accepted;
  for (int i = 0; i < 50; ++i) {
    const job wanted = d.new_job("user-" + std::to_string(i % 3));
    accepted.push_back(d.one(store_op::enqueue{wanted, 0, 50}).jobs.at(0));
  }
  const job done = d.claim_one();
  d.one(store_op::complete{current_attempt(done), {}});
  server.kill9();
  CHECK(d.one(store_op::enqueue{d.new_job()}).error.kind == error_class::unavailable);
  server.start();
  CHECK(becomes([&] { return !d.one(store_op::find_expired{}).error; }));
  CHECK(d.stored(done.id).status == job_status::completed);
  CHECK(d.last.counts.pending == 49);
  const store_op::enqueue surplus{d.new_job("user-1"), 0, 17};
  CHECK(d.one(surplus).error.kind == error_class::rate_limited);
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

}  // namespace stayler::adapters::conformance
