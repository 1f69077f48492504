// SPDX-License-Identifier: MIT
#pragma once

// What a store promises of dead letters.

#include "tests/integration/job_store/conformance/driver.hpp"

namespace stayler::adapters::conformance {

inline void check_dead_letters(const store_maker& make) {
  using store_op::end_of_lease;
  driver d{make.open()};
  job wanted = d.new_job();
  wanted.request.conversion_id = "conversion";
  wanted.request.idempotency_key = "key";
  d.add(wanted);
  const job running = d.claim_one();
  const auto die = [&](const job& held) {
    return d
        .one(store_op::fail{
            current_attempt(held), end_of_lease::failed, error_of(error_class::safety_blocked)})
        .jobs.at(0);
  };

  SECTION("a dead letter that is retried begins anew, and keeps its history") {
    const job dead = die(running);
    CHECK(dead.failures == 1);
    const job revived = d.one(store_op::retry{dead.id}).jobs.at(0);
    CHECK(revived.status == job_status::pending);
    CHECK(revived.failures == 0);
    CHECK_FALSE(is_set(revived.completed_at));
    CHECK(d.last.counts.failed == 0);
    CHECK(d.last.counts.pending == 1);
    CHECK(d.last.counts.accepted == 1);
    const job again = d.claim_one();
    CHECK(again.id == dead.id);
    CHECK(again.token > running.token);
    CHECK(again.attempts.size() == 2);
    CHECK_FALSE(d.one(store_op::complete{current_attempt(again), {}}).error);
  }

  SECTION("only dead letters can be retried or dropped") {
    for (const auto& change :
         std::vector<store_change>{store_op::retry{running.id}, store_op::drop{running.id}}) {
      CHECK(d.one(change).error.kind == error_class::conflict);
    }
    d.one(store_op::complete{current_attempt(running), {}});
    for (const auto& change :
         std::vector<store_change>{store_op::retry{running.id}, store_op::drop{running.id}}) {
      CHECK(d.one(change).error.kind == error_class::conflict);
    }
    const job_id nobody = d.new_job().id;
    CHECK(d.one(store_op::retry{nobody}).error.kind == error_class::not_found);
    CHECK(d.one(store_op::drop{nobody}).error.kind == error_class::not_found);
  }

  SECTION("a dead letter whose conversion was submitted again stays dead until that one has ended"
  ) {
    die(running);
    job again = d.new_job();
    again.request.conversion_id = "conversion";
    d.add(again);
    CHECK(d.one(store_op::retry{running.id}).error.kind == error_class::conflict);
    d.one(store_op::cancel{again.id});
    CHECK_FALSE(d.one(store_op::retry{running.id}).error);
    job third = d.new_job();
    third.request.conversion_id = "conversion";
    CHECK(d.one(store_op::enqueue{third}).jobs.at(0).id == running.id);
  }

  SECTION("a dropped dead letter leaves nothing behind") {
    die(running);
    CHECK(d.one(store_op::drop{running.id}).jobs.at(0).id == running.id);
    CHECK(d.last.counts.failed == 0);
    CHECK(d.store->find(running.id).error().kind == error_class::not_found);
    CHECK(d.all({}).empty());
    wanted.id = d.new_job().id;
    CHECK_FALSE(d.one(store_op::enqueue{wanted}).existing);
  }

  SECTION("only what is final can be erased, however it ended") {
    CHECK(d.one(store_op::erase{running.id}).error.kind == error_class::conflict);
    CHECK(d.one(store_op::erase{d.new_job().id}).error.kind == error_class::not_found);
    const job waiting = d.add();
    CHECK(d.one(store_op::erase{waiting.id}).error.kind == error_class::conflict);
    d.one(store_op::cancel{waiting.id});
    CHECK(d.one(store_op::erase{waiting.id}).jobs.at(0).status == job_status::cancelled);
    CHECK(d.last.counts.cancelled == 0);
    d.one(store_op::complete{current_attempt(running), {}});
    CHECK(d.one(store_op::erase{running.id}).jobs.at(0).status == job_status::completed);
    CHECK(d.last.counts.completed == 0);
    CHECK(d.all({}).empty());
    CHECK(d.one(store_op::erase{running.id}).error.kind == error_class::not_found);
  }

  SECTION("an erased job leaves neither its key nor its conversion") {
    d.one(store_op::complete{current_attempt(running), {}});
    d.one(store_op::erase{running.id});
    wanted.id = d.new_job().id;
    wanted.request.fingerprint = "of another request";
    CHECK_FALSE(d.one(store_op::enqueue{wanted}).existing);
  }

  SECTION("dead letters are found by what they died of") {
    die(running);
    d.add();
    d.one(store_op::fail{
        current_attempt(d.claim_one()), end_of_lease::failed, error_of(error_class::timeout)});
    const auto found = d.all({{job_status::failed}, {}, "", "", {error_class::timeout}, {}, 50});
    REQUIRE(found.size() == 1);
    CHECK(found[0].error.kind == error_class::timeout);
  }
}

}  // namespace stayler::adapters::conformance
