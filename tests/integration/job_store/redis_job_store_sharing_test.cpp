// SPDX-License-Identifier: MIT

// Several stores on one queue: each job and each change is one's, they wake each other, and one at
// a time looks for expired leases.

#include "tests/integration/job_store/conformance/driver.hpp"
#include "tests/integration/job_store/redis_fixture.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace stayler::adapters::conformance {

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

TEST_CASE("stores that share a queue share what its users may have waiting, and what goes ahead") {
  redis_process server;
  driver one{open_at(server)};
  driver two{open_at(server)};
  const auto submit = [](driver& d) {
    const job wanted = d.new_job();
    return d.one(store_op::enqueue{wanted, 0, 2}).error ? job_id{} : wanted.id;
  };
  submit(one);
  const job_id second = submit(two);
  CHECK(submit(one).value.is_nil());
  CHECK(submit(two).value.is_nil());
  one.one(store_op::prioritize{second, precedence::own_jobs});
  CHECK(two.claim_one().id == second);
  CHECK_FALSE(submit(one).value.is_nil());
}

TEST_CASE("stores that share a queue share its pauses, and one of them tells of their end") {
  redis_process server;
  driver one{open_at(server)};
  driver two{open_at(server)};
  const job waiting = one.add();
  const timestamp end = one.now + milliseconds{60'000};
  const auto made =
      one.one(store_op::pause{{job_type::image_conversion, {}, end, "ops", "keys"}}).pause.after;
  REQUIRE(made);
  CHECK(two.claim(1).empty());
  CHECK(two.store->waiting()->paused == std::vector{*made});
  CHECK(two.last.next_due == end);
  two.now = end;
  CHECK(ids_of(two.store->list({})->jobs) == std::vector{waiting.id});
  CHECK(two.claim_one().id == waiting.id);
  CHECK(two.last.ended_pauses == std::vector{*made});
  one.now = end;
  CHECK(one.claim(1).empty());
  CHECK(one.last.ended_pauses.empty());
}

TEST_CASE("what a coordinator of an earlier version pauses and resumes, others understand") {
  redis_process server;
  driver d{open_at(server)};
  send(server, {"SADD", "{test}:paused", "0"});
  CHECK(d.store->waiting()->paused == std::vector{type_pause{}});
  CHECK(d.one(store_op::pause{{.by = "ops"}}).pause.before == type_pause{});
  send(server, {"SREM", "{test}:paused", "0"});
  CHECK(d.store->waiting()->paused.empty());
  CHECK_FALSE(d.one(store_op::resume{}).pause.before);
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
  CHECK_FALSE(one->store->waiting()->is_reaper);
  REQUIRE(finds(*one));
  CHECK_FALSE(finds(two));
  CHECK(one->store->waiting()->is_reaper);
  CHECK_FALSE(two.store->waiting()->is_reaper);
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

}  // namespace stayler::adapters::conformance
