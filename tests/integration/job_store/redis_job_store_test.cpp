// SPDX-License-Identifier: MIT

// The Redis job store keeps the contract; its server's clock, settings and logins; and indexes that
// have lost a job.

#include "adapters/job_store/redis/redis_job_value.hpp"
#include "tests/integration/job_store/job_store_conformance.hpp"
#include "tests/integration/job_store/random_batches.hpp"
#include "tests/integration/job_store/redis_fixture.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace stayler::adapters::conformance {

namespace {

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

}  // namespace

TEST_CASE("the Redis job store accepts each job once") {
  check_enqueue(redis);
}
TEST_CASE("the Redis job store leases jobs in order") {
  check_order(redis);
}
TEST_CASE("the Redis job store sets suspects apart") {
  check_suspects(redis);
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
TEST_CASE("the Redis job store keeps pauses until their end") {
  check_pauses(redis);
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

TEST_CASE("a suspect that an earlier version has left among other jobs is found there") {
  redis_process server;
  driver d{open_at(server)};
  const job waiting = d.add();
  const std::string id = redis_id(waiting.id);
  auto kept = unpack_redis_job(send(server, {"HGET", "{test}:jobs", id}).value().text());
  REQUIRE(kept);
  kept->stored.value.crashes = losses_of_suspect;
  send(server, {"HSET", "{test}:jobs", id, pack_redis_job(*kept)});

  SECTION("its indexes are in order") {
    d.one(store_op::verify_indexes{});
    CHECK(d.last.counts.repaired == 0);
    CHECK(ids_of(claim_by(d, suspect_rule::left_out).jobs) == std::vector{waiting.id});
  }
  SECTION("once prioritized it is among suspects, and once only") {
    REQUIRE_FALSE(d.one(store_op::prioritize{waiting.id}).error);
    CHECK(claim_by(d, suspect_rule::left_out).jobs.empty());
    CHECK(ids_of(claim_by(d, suspect_rule::only).jobs) == std::vector{waiting.id});
    CHECK(d.claim(2).empty());
  }
  SECTION("once cancelled it is gone") {
    REQUIRE_FALSE(d.one(store_op::cancel{waiting.id}).error);
    CHECK(d.claim(2).empty());
    CHECK(d.last.counts.repaired == 0);
  }
}

TEST_CASE("a Redis that would throw jobs away is refused") {
  const redis_process server{{"--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"}};
  const auto opened = open_redis_job_store({at(server), "test", time_source::server});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == error_class::invalid_input);
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

TEST_CASE(
    "jobs that came before users' jobs were counted are counted with the first that is bounded"
) {
  redis_process server;
  driver d{open_at(server)};
  std::vector<store_change> old;
  for (int i = 0; i < 500; ++i) {
    job j = d.new_job("ann", 1 + static_cast<std::uint32_t>(i) % 3);
    j.request.run_at = i % 5 == 0 ? d.now + milliseconds{60'000} : timestamp{};
    old.emplace_back(store_op::enqueue{j});
  }
  d.store->execute(old, d.now);
  d.claim(30);
  CHECK(d.one(store_op::enqueue{d.new_job(), 0, 470}).error.kind == error_class::rate_limited);
  CHECK_FALSE(d.one(store_op::enqueue{d.new_job(), 0, 471}).error);
  d.claim(1);
  // As if an earlier version had counted nothing all the time.
  send(server, {"DEL", "{test}:users"});
  CHECK(d.one(store_op::enqueue{d.new_job(), 0, 470}).error.kind == error_class::rate_limited);
  CHECK_FALSE(d.one(store_op::enqueue{d.new_job(), 0, 471}).error);
}

TEST_CASE("a wrong number of a user's jobs is repaired when indexes are verified") {
  redis_process server;
  driver d{open_at(server)};
  const store_op::enqueue bounded{d.new_job(), 0, 5};
  REQUIRE_FALSE(d.one(bounded).error);
  send(server, {"HSET", "{test}:users", "ann", "5", "nobody", "7"});
  const store_op::enqueue second{d.new_job(), 0, 5};
  CHECK(d.one(second).error.kind == error_class::rate_limited);
  d.one(store_op::verify_indexes{});
  CHECK(d.last.counts.repaired == 1);
  CHECK_FALSE(d.one(second).error);
  d.one(store_op::verify_indexes{});
  CHECK(d.last.counts.repaired == 1);
}

TEST_CASE("a user none of whose jobs wait takes no room in Redis") {
  redis_process server;
  driver d{open_at(server)};
  const job ahead = d.one(store_op::enqueue{d.new_job("ann"), 0, 5}).jobs.at(0);
  d.one(store_op::enqueue{d.new_job("bob"), 0, 5});
  d.one(store_op::prioritize{ahead.id, precedence::own_jobs});
  REQUIRE(d.claim_one().id == ahead.id);
  CHECK(send(server, {"HEXISTS", "{test}:users", "ann"}).value().number() == 0);
  CHECK(send(server, {"HGET", "{test}:users", "bob"}).value().text() == "1");
  CHECK(send(server, {"EXISTS", "{test}:ahead"}).value().number() == 0);
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

TEST_CASE("a queue of a later form is worked on by who can do without what that form added") {
  redis_process server;
  const auto open = [&] { return open_redis_job_store({at(server), "test"}); };
  driver{open_at(server)}.add();
  CHECK(send(server, {"GET", "{test}:format"}).value().text() == "2 1");
  send(server, {"SET", "{test}:format", "4 1"});
  CHECK(open());
  CHECK(send(server, {"GET", "{test}:format"}).value().text() == "4 1");

  const auto check_refused = [&](std::string_view form, const std::string& said) {
    send(server, {"SET", "{test}:format", form});
    const auto refused = open();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == error_class::invalid_input);
    CHECK_THAT(refused.error().message, Catch::Contains(said));
    CHECK(send(server, {"GET", "{test}:format"}).value().text() == form);
  };
  check_refused("4 3", "the queue {test} has version 4");
  check_refused("4 3", "know version 3; this one knows versions up to 2");
  check_refused(
      "of another kind", "{test}:format has \"of another kind\", which no release writes"
  );
  check_refused("2", "this one writes \"2 1\"");
}

}  // namespace stayler::adapters::conformance
