// SPDX-License-Identifier: MIT
#pragma once

// What a store promises of the ends of jobs.

#include "tests/integration/job_store/conformance/driver.hpp"

namespace stayler::adapters::conformance {

inline void check_endings(const store_maker& make) {
  using store_op::end_of_lease;
  driver d{make.open()};

  SECTION("a waiting, a scheduled and a running job can be cancelled") {
    const job waiting = d.add();
    job later = d.new_job();
    later.request.run_at = d.now + milliseconds{1'000};
    d.add(later);
    const job urgent = d.add("ann", 9);
    const job running = d.claim_one();
    REQUIRE(running.id == urgent.id);
    for (const job_id& id : {waiting.id, later.id, running.id}) {
      const job gone = d.one(store_op::cancel{id}).jobs.at(0);
      CHECK(gone.status == job_status::cancelled);
      CHECK(gone.error.kind == error_class::cancelled);
      CHECK(gone.completed_at == d.now);
      CHECK_FALSE(gone.possibly_billed);
    }
    CHECK(d.stored(running.id).attempts.at(0).error.kind == error_class::cancelled);
    CHECK(d.last.counts.cancelled == 3);
    CHECK_FALSE(is_set(d.last.next_due));
    CHECK(d.claim(3).empty());
    CHECK(d.one(store_op::cancel{d.new_job().id}).error.kind == error_class::not_found);
  }

  SECTION("a job cancelled during the provider's call says that it may have cost money") {
    d.add();
    const job running = d.claim_one();
    d.one(store_op::open_call{current_attempt(running)});
    CHECK(d.one(store_op::cancel{running.id}).jobs.at(0).possibly_billed);
    CHECK(d.stored(running.id).calls.at(0).state == call_state::aborted);
  }

  SECTION("a job cancelled after calls that were refused says that it has cost nothing") {
    d.add();
    const job running = d.claim_one();
    d.one(store_op::open_call{current_attempt(running)});
    d.one(store_op::settle_call{current_attempt(running), {error_class::server_error}});
    CHECK_FALSE(d.one(store_op::cancel{running.id}).jobs.at(0).possibly_billed);
  }

  SECTION("a job that records its result can no longer be cancelled, its next attempt can") {
    d.add();
    const attempt_id attempt = current_attempt(d.claim_one());
    d.one(store_op::update_progress{attempt, {job_stage::recording, 90}});
    CHECK(d.one(store_op::cancel{attempt.job}).error.kind == error_class::conflict);
    d.one(store_op::requeue{attempt, end_of_lease::crashed, error_of(error_class::worker_lost), {}}
    );
    d.claim_one();
    CHECK(d.one(store_op::cancel{attempt.job}).jobs.at(0).status == job_status::cancelled);
  }

  SECTION("a final job never changes") {
    const std::vector<std::function<store_change(const attempt_id&)>> endings{
        [](const attempt_id& a) {
          return store_op::complete{a, {}};
        },
        [](const attempt_id& a) {
          return store_op::fail{a, end_of_lease::failed, error_of(error_class::safety_blocked)};
        },
        [](const attempt_id& a) { return store_op::cancel{a.job}; }};
    for (const auto& ending : endings) {
      d.add();
      const attempt_id attempt = current_attempt(d.claim_one());
      d.one(ending(attempt));
      const job before = d.stored(attempt.job);
      REQUIRE(is_final(before.status));
      d.now += milliseconds{100};
      const std::vector<store_change> batch{
          store_op::renew{attempt, lease_time},
          store_op::update_progress{attempt, {job_stage::notifying, 99}},
          store_op::complete{attempt, {"another", 1, 1, "", 1, false, ""}},
          store_op::fail{attempt, end_of_lease::crashed, error_of(error_class::worker_lost)},
          store_op::requeue{attempt, end_of_lease::failed, error_of(error_class::timeout), {}},
          store_op::cancel{attempt.job},
          store_op::prioritize{attempt.job},
          store_op::reclaim{"host-1"}};
      d.store->execute(batch, d.now);
      CHECK(d.stored(attempt.job) == before);
      CHECK(d.claim(1).empty());
    }
    CHECK(d.store->counts()->completed == 1);
    CHECK(d.store->counts()->failed == 1);
    CHECK(d.store->counts()->cancelled == 1);
  }
}

}  // namespace stayler::adapters::conformance
