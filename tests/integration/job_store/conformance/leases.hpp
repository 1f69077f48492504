// SPDX-License-Identifier: MIT
#pragma once

// What a store promises of leases and of what attempts report.

#include "tests/integration/job_store/conformance/driver.hpp"

namespace stayler::adapters::conformance {

inline void check_leases(const store_maker& make) {
  using store_op::end_of_lease;
  driver d{make.open()};
  const job added = d.add();
  const job running = d.claim_one();
  const attempt_id attempt = current_attempt(running);
  const attempt_id stale{attempt.job, fencing_token{}};

  SECTION("a lease has a new token, an end, its worker and an entry in the history") {
    CHECK(running.status == job_status::processing);
    CHECK(running.token > added.token);
    CHECK(running.worker_id == "worker0");
    CHECK(running.started_at == d.now);
    CHECK(running.lease_expires_at == d.now + lease_time);
    REQUIRE(running.attempts.size() == 1);
    CHECK(running.attempts[0] == attempt_record{running.token, "worker0", d.now, {}, {}});
    CHECK(d.claim(1).empty());
    CHECK(d.stored(running.id) == running);
  }

  SECTION("renewing moves the end of the lease") {
    d.now += milliseconds{10'000};
    const store_reply reply = d.one(store_op::renew{attempt, lease_time});
    CHECK_FALSE(reply.error);
    CHECK(reply.jobs.empty());
    CHECK(d.stored(running.id).lease_expires_at == d.now + lease_time);
  }

  SECTION("a stale token can neither renew, report progress, complete, fail nor requeue") {
    const std::vector<store_change> batch{
        store_op::renew{stale, lease_time},
        store_op::update_progress{stale, {job_stage::converting, 50}},
        store_op::complete{stale, {}},
        store_op::fail{stale, end_of_lease::failed, error_of(error_class::timeout)},
        store_op::requeue{stale, end_of_lease::failed, error_of(error_class::timeout), {}}};
    const store_outcome outcome = d.store->execute(batch, d.now);
    for (const store_reply& reply : outcome.replies) {
      CHECK(reply.error.kind == error_class::conflict);
      CHECK(reply.jobs.empty());
    }
    CHECK(outcome.counts.stale_reports == batch.size());
    CHECK(d.stored(running.id) == running);
  }

  SECTION("progress only moves forward within an attempt, and starts anew with the next") {
    d.one(store_op::update_progress{attempt, {job_stage::converting, 40}});
    d.one(store_op::update_progress{attempt, {job_stage::downloading, 90}});
    d.one(store_op::update_progress{attempt, {job_stage::converting, 30}});
    CHECK(d.stored(running.id).progress == job_progress{job_stage::converting, 40});
    d.one(store_op::update_progress{attempt, {job_stage::uploading, 20}});
    CHECK(d.stored(running.id).progress == job_progress{job_stage::uploading, 40});
    d.one(store_op::requeue{attempt, end_of_lease::interrupted, {}, {}});
    CHECK(d.claim_one().progress == job_progress{});
  }

  SECTION("a completed job keeps its result") {
    d.now += milliseconds{1'500};
    const job_result made{"image-1", 640, 480, "image/png", 1'234, false, "model-7"};
    const job done = d.one(store_op::complete{attempt, made}).jobs.at(0);
    CHECK(done.status == job_status::completed);
    CHECK(done.result == made);
    CHECK(done.completed_at == d.now);
    CHECK(done.progress == job_progress{job_stage::done, 100});
    CHECK(done.attempts.at(0).ended_at == d.now);
    CHECK_FALSE(is_set(done.lease_expires_at));
    CHECK(d.last.counts.completed_job_time == milliseconds{1'500});
    CHECK(d.last.counts.last_finished_at == d.now);
    CHECK(d.stored(running.id) == done);
  }

  SECTION("the same completion twice is answered twice and counted once") {
    const job done = d.one(store_op::complete{attempt, {}}).jobs.at(0);
    d.now += milliseconds{5};
    const store_reply again = d.one(store_op::complete{attempt, {}});
    CHECK_FALSE(again.error);
    CHECK(again.jobs.at(0) == done);
    CHECK(d.last.counts.completed == 1);
    CHECK(d.last.counts.stale_reports == 0);
  }

  SECTION("the same failure or requeue twice is answered twice and counted once") {
    const store_op::requeue back{
        attempt, end_of_lease::failed, error_of(error_class::timeout), d.now + milliseconds{1}};
    d.one(back);
    const store_reply again = d.one(back);
    CHECK_FALSE(again.error);
    CHECK(again.jobs.at(0).failures == 1);
    d.now += milliseconds{1};
    const store_op::fail end{
        current_attempt(d.claim_one()), end_of_lease::failed, error_of(error_class::timeout)};
    d.one(end);
    CHECK(d.one(end).jobs.at(0).failures == 2);
    CHECK(d.last.counts.failed == 1);
    CHECK(d.last.counts.stale_reports == 0);
  }

  SECTION("attempts, interruptions and crashes are counted apart, a refund nowhere") {
    const auto requeue = [&](end_of_lease cause) {
      const job held = d.stored(running.id);
      const job back =
          d.one(store_op::requeue{
                    current_attempt(held), cause, error_of(error_class::rate_limited), {}}
          ).jobs.at(0);
      CHECK(back.status == job_status::pending);
      d.claim_one();
      return std::vector<std::uint32_t>{back.failures, back.interruptions, back.crashes};
    };
    CHECK(requeue(end_of_lease::failed) == std::vector<std::uint32_t>{1, 0, 0});
    CHECK(requeue(end_of_lease::refunded) == std::vector<std::uint32_t>{1, 0, 0});
    CHECK(requeue(end_of_lease::interrupted) == std::vector<std::uint32_t>{1, 1, 0});
    CHECK(requeue(end_of_lease::crashed) == std::vector<std::uint32_t>{1, 1, 1});
  }

  SECTION("a failed attempt waits for its next time, with its error kept") {
    const timestamp next = d.now + milliseconds{5'000};
    const job back = d.one(store_op::requeue{
                               attempt, end_of_lease::failed, error_of(error_class::timeout), next})
                         .jobs.at(0);
    CHECK(back.status == job_status::scheduled);
    CHECK(back.due_at == next);
    CHECK(back.error.kind == error_class::timeout);
    CHECK(back.attempts.at(0).error.kind == error_class::timeout);
    CHECK(d.last.next_due == next);
    CHECK(d.claim(1).empty());
    d.now = next;
    CHECK(d.claim_one().token > running.token);
  }

  SECTION("the history keeps the last 20 attempts") {
    for (int i = 0; i < 24; ++i) {
      const job held = d.stored(running.id);
      d.one(store_op::requeue{current_attempt(held), end_of_lease::interrupted, {}, {}});
      d.claim_one();
    }
    const job held = d.stored(running.id);
    REQUIRE(held.attempts.size() == 20);
    CHECK(held.attempts.back().token == held.token);
    CHECK(held.token == fencing_token{25});
  }

  SECTION("a lease that has run out is found, and changes nothing by itself") {
    d.now += lease_time - milliseconds{1};
    CHECK(d.one(store_op::find_expired{}).jobs.empty());
    d.now += milliseconds{1};
    const auto expired = d.one(store_op::find_expired{}).jobs;
    CHECK(ids_of(expired) == std::vector<job_id>{running.id});
    CHECK_FALSE(d.one(store_op::complete{attempt, {}}).error);
  }

  SECTION("a queue that starts anew reclaims the leases of its instance only, as interruptions") {
    const job other = d.add();
    REQUIRE(d.claim(1, "host-2").size() == 1);
    const auto back = d.one(store_op::reclaim{"host-1"}).jobs;
    REQUIRE(back.size() == 1);
    CHECK(back[0].id == running.id);
    CHECK(back[0].status == job_status::pending);
    CHECK(back[0].interruptions == 1);
    CHECK(back[0].failures == 0);
    CHECK(d.stored(other.id).status == job_status::processing);
    CHECK(d.one(store_op::complete{attempt, {}}).error.kind == error_class::conflict);
    CHECK(d.claim_one().id == running.id);
  }
}

}  // namespace stayler::adapters::conformance
