// SPDX-License-Identifier: MIT

// What the metrics hear of what waits, and when they hear how many workers are desired.

#include "actors/monitoring/workload_watch.hpp"

#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <optional>
#include <vector>

namespace stayler::test {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// A watch over a queue and limits that say what the test wants them to.
struct watched : fixture {
  queue_status queue;
  provider_status provider;
  spending_report costs;
  bool is_store_mute = false;
  bool is_store_away = false;
  int asked = 0;
  std::optional<std::uint32_t> joined;  ///< what the limits were told
  std::vector<workload_report> told;
  std::vector<spending_report> spent;
  std::vector<provider_status> provider_told;

  watched() {
    queue.state = service_state::running;
    queue.is_reaper = true;
    provider.limit_of_all = 64;
  }

  void start() {
    using self_pointer = caf::event_based_actor*;
    actors::workload_watch_options options;
    options.queue = spawn_fake<queue_actor>([this](self_pointer self) -> caf::behavior {
      return {[this, self](status_atom) -> caf::result<queue_status> {
        ++asked;
        if (is_store_mute) {
          return self->make_response_promise<queue_status>();
        }
        if (is_store_away) {
          return actors::to_error({error_class::unavailable, "away"});
        }
        return queue;
      }};
    });
    options.limits = spawn_fake<provider_limits_actor>([this](self_pointer) -> caf::behavior {
      return {
          [this](status_atom) { return provider; }, [this](spending_atom) { return costs; },
          [this](share_atom, std::uint32_t workers) { joined = workers; }};
    });
    options.metrics = spawn_fake<metrics_actor>([this](self_pointer) -> caf::behavior {
      return {
          [this](const workload_report& report) { told.push_back(report); },
          [this](const spending_report& report) { spent.push_back(report); },
          [this](const provider_status& status) { provider_told.push_back(status); }};
    });
    options.clock = clock();
    spawn(actors::workload_watch, options);
  }

  /// What is told in the next round.
  const workload_report& next() {
    advance(seconds{5});
    return told.back();
  }

  /// So many jobs a second come, and are done in 40 s each, for so long.
  void work(std::uint64_t per_second, seconds time) {
    for (seconds passed{0}; passed < time; passed += seconds{5}) {
      queue.counts.accepted += 5 * per_second;
      queue.counts.completed += 5 * per_second;
      queue.counts.completed_job_time += 5 * per_second * seconds{40};
      next();
    }
  }
};

}  // namespace

TEST_CASE_METHOD(watched, "the time that the oldest job waits is told, and what was spent") {
  queue.oldest_due = now() - seconds{90};
  costs.total.cost = 7;
  start();
  REQUIRE(told.size() == 1);
  CHECK(told[0].oldest_waits == seconds{90});
  CHECK(told[0].held_by == hold_reason::none);
  REQUIRE(spent.size() == 1);
  CHECK(spent[0].total.cost == 7);
  queue.oldest_due = {};
  CHECK(next().oldest_waits == milliseconds{0});
}

TEST_CASE_METHOD(watched, "the metrics hear of calls under way in each round") {
  start();
  provider.calls_in_flight = 6;
  next();
  CHECK(provider_told.back().calls_in_flight == 6);
}

TEST_CASE_METHOD(watched, "while the store is away the wait goes on, and nothing is desired") {
  queue.oldest_due = now() - seconds{10};
  start();
  CHECK(told.back().workers_desired);
  is_store_away = true;
  CHECK(next().oldest_waits == seconds{15});
  CHECK_FALSE(told.back().workers_desired);
  is_store_away = false;
  CHECK(next().workers_desired);
}

TEST_CASE_METHOD(watched, "a store that does not answer is asked once, not in each round") {
  queue.oldest_due = now();
  start();
  is_store_mute = true;
  next();
  CHECK(asked == 2);
  CHECK(next().oldest_waits == seconds{10});
  CHECK(next().oldest_waits == seconds{15});
  CHECK_FALSE(told.back().workers_desired);
  CHECK(asked == 2);
}

TEST_CASE_METHOD(watched, "the reaper alone says how many workers are desired") {
  start();
  CHECK(told.back().workers_desired);
  queue.is_reaper = false;
  CHECK_FALSE(next().workers_desired);
}

TEST_CASE_METHOD(
    watched, "what arrives and what waits asks for workers, within the limits of all"
) {
  start();
  work(1, minutes{2});
  CHECK(told.back().workers_desired == 40U);
  queue.counts.pending = 600;
  queue.oldest_due = now();
  CHECK(next().workers_desired == 100U);
  provider.requests_per_minute = 60;
  CHECK(next().workers_desired == 51U);
}

TEST_CASE_METHOD(
    watched, "a provider that is closed holds the workers of all, and then lets them go"
) {
  start();
  queue.counts.pending = 600;
  queue.workers.resize(8);
  provider.workers_of_all = 72;
  provider.breaker = breaker_state::open;
  provider.closed_until = now() + std::chrono::hours{1};
  next();
  CHECK(told.back().held_by == hold_reason::provider_closed);
  CHECK(told.back().held == 600);
  CHECK(told.back().workers_desired == 72U);
  CHECK(joined == 8U);
  advance(minutes{11}, seconds{5});
  CHECK(told.back().workers_desired == 1U);
  provider.closed_until = {};
  provider.breaker = breaker_state::closed;
  CHECK(next().workers_desired == 100U);
}

TEST_CASE_METHOD(watched, "of what holds a queue the nearest reason is told") {
  queue.counts.pending = 2;
  queue.counts.scheduled = 3;
  start();
  provider.closed_until = now() + std::chrono::hours{1};
  CHECK(next().held_by == hold_reason::quota);
  CHECK(told.back().held == 5);
  costs.budget = 10;
  costs.total.cost = 8;
  costs.reserved = 2;
  CHECK(next().held_by == hold_reason::budget);
  queue.state = service_state::draining;
  CHECK(next().held_by == hold_reason::stopped);
}

TEST_CASE_METHOD(watched, "of what is paused nothing is asked for") {
  start();
  work(1, minutes{2});
  queue.counts.pending = 600;
  queue.oldest_due = now();
  queue.paused = {{.type = job_type::image_conversion}};
  CHECK(next().paused == std::vector{job_type::image_conversion});
  CHECK(told.back().workers_desired.value() <= 40);
}

}  // namespace stayler::test
