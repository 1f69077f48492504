// SPDX-License-Identifier: MIT
#pragma once

// What a store promises of the ledger of provider calls.

#include "tests/integration/job_store/conformance/driver.hpp"

namespace stayler::adapters::conformance {

inline void check_ledger(const store_maker& make) {
  using store_op::end_of_lease;
  driver d{make.open()};
  d.add();
  const job running = d.claim_one();
  const attempt_id attempt = current_attempt(running);
  const auto lose_worker = [&](const attempt_id& lost) {
    return d
        .one(store_op::requeue{lost, end_of_lease::crashed, error_of(error_class::worker_lost), {}})
        .jobs.at(0);
  };

  SECTION("a call is in the ledger before it is sent, and settled after") {
    REQUIRE_FALSE(d.one(store_op::open_call{attempt}).error);
    const provider_call opened{attempt.token, call_state::open, d.now, {}, error_class::none};
    CHECK(d.stored(running.id).calls == std::vector{opened});
    CHECK_FALSE(d.one(store_op::open_call{attempt}).error);
    d.now += milliseconds{900};
    d.one(store_op::settle_call{attempt, {error_class::rate_limited}});
    const provider_call settled{
        attempt.token, call_state::settled, opened.opened_at, d.now, error_class::rate_limited};
    CHECK(d.stored(running.id).calls == std::vector{settled});
    lose_worker(attempt);
    CHECK(d.last.counts.ambiguous_calls == 0);
  }

  SECTION("a call whose worker is lost is ambiguous, and counted") {
    d.one(store_op::open_call{attempt});
    const job back = lose_worker(attempt);
    CHECK(back.calls.at(0).state == call_state::ambiguous);
    CHECK(back.ambiguous_calls == 1);
    CHECK(d.last.counts.ambiguous_calls == 1);
    const attempt_id next = current_attempt(d.claim_one());
    lose_worker(next);
    CHECK(d.stored(running.id).ambiguous_calls == 1);
    CHECK(d.last.counts.ambiguous_calls == 1);
  }

  SECTION("a call that was abandoned is aborted") {
    d.one(store_op::open_call{attempt});
    const job back =
        d.one(store_op::requeue{attempt, end_of_lease::interrupted, {}, {}}).jobs.at(0);
    CHECK(back.calls.at(0).state == call_state::aborted);
    CHECK(back.ambiguous_calls == 0);
  }

  SECTION("a lost lease opens and settles nothing") {
    const attempt_id stale{attempt.job, fencing_token{}};
    CHECK(d.one(store_op::open_call{stale}).error.kind == error_class::conflict);
    CHECK(d.one(store_op::settle_call{stale, {}}).error.kind == error_class::conflict);
    CHECK(d.stored(running.id).calls.empty());
  }

  SECTION("the ledger keeps the last 20 calls") {
    attempt_id held = attempt;
    for (int i = 0; i < 24; ++i) {
      d.one(store_op::open_call{held});
      d.one(store_op::requeue{held, end_of_lease::interrupted, {}, {}});
      held = current_attempt(d.claim_one());
    }
    const auto calls = d.stored(running.id).calls;
    REQUIRE(calls.size() == 20);
    CHECK(calls.back().token == fencing_token{24});
  }
}

}  // namespace stayler::adapters::conformance
