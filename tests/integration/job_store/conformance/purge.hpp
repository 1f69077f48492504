// SPDX-License-Identifier: MIT
#pragma once

// What a store promises of the removal of final jobs.

#include "tests/integration/job_store/conformance/driver.hpp"

namespace stayler::adapters::conformance {

inline void check_purge(const store_maker& make) {
  using store_op::end_of_lease;
  driver d{make.open()};

  SECTION("a purge removes what has outlived its retention and leaves the rest") {
    d.add();
    d.one(store_op::complete{current_attempt(d.claim_one()), {}});
    job keyed = d.new_job();
    keyed.request.idempotency_key = "key";
    keyed.request.conversion_id = "conversion";
    d.add(keyed);
    d.one(store_op::fail{
        current_attempt(d.claim_one()), end_of_lease::crashed, error_of(error_class::worker_lost)});
    CHECK(d.stored(keyed.id).crashes == 1);
    const job waiting = d.add();
    const store_op::purge purge{milliseconds{1'000}, milliseconds{5'000}};
    d.now += milliseconds{999};
    d.one(purge);
    CHECK(d.last.counts.completed == 1);
    d.now += milliseconds{1};
    d.one(purge);
    CHECK(d.last.counts.completed == 0);
    CHECK(d.last.counts.failed == 1);
    d.now += milliseconds{4'000};
    d.one(purge);
    CHECK(d.last.counts.failed == 0);
    CHECK(d.store->find(keyed.id).error().kind == error_class::not_found);
    CHECK(ids_of(d.all({})) == std::vector<job_id>{waiting.id});
    keyed.id = d.new_job().id;
    CHECK_FALSE(d.one(store_op::enqueue{keyed}).existing);
  }

  SECTION("a purge keeps no more than so many, the latest, dead letters apart") {
    const auto finish = [&](bool is_dead) {
      d.now += milliseconds{1};
      d.add();
      const attempt_id attempt = current_attempt(d.claim_one());
      d.one(
          is_dead ? store_change{store_op::fail{
              attempt, store_op::end_of_lease::failed, error_of(error_class::timeout)}}
                  : store_change{store_op::complete{attempt, {}}}
      );
      return attempt.job;
    };
    for (int i = 0; i < 5; ++i) {
      finish(false);
      finish(true);
    }
    const job_id last_done = finish(false);
    const job_id last_dead = finish(true);
    const milliseconds long_time{1'000'000};
    const store_reply purged = d.one(store_op::purge{long_time, long_time, 2});
    CHECK_FALSE(purged.has_more);
    CHECK(d.last.counts.completed == 2);
    CHECK(d.last.counts.failed == 2);
    CHECK(d.store->find(last_done));
    CHECK(d.store->find(last_dead));
  }

  SECTION("of completed and cancelled jobs a purge keeps the latest, whichever they are") {
    const job_id cancelled = d.one(store_op::cancel{d.add().id}).jobs.at(0).id;
    d.now += milliseconds{1};
    d.add();
    const job_id completed =
        d.one(store_op::complete{current_attempt(d.claim_one()), {}}).jobs.at(0).id;
    const milliseconds long_time{1'000'000};
    d.one(store_op::purge{long_time, long_time, 1});
    CHECK(d.store->find(cancelled).error().kind == error_class::not_found);
    CHECK(d.store->find(completed));
  }

  SECTION("a purge removes a bounded number at a time, and all in the end") {
    for (int i = 0; i < 2'500; ++i) {
      d.one(store_op::cancel{d.add().id});
    }
    const store_op::purge purge{};
    CHECK(d.one(purge).has_more);
    CHECK(d.last.counts.cancelled == 1'500);
    CHECK(d.one(purge).has_more);
    CHECK_FALSE(d.one(purge).has_more);
    CHECK(d.last.counts.cancelled == 0);
    CHECK(d.last.counts.accepted == 2'500);
  }
}

}  // namespace stayler::adapters::conformance
