// SPDX-License-Identifier: MIT

// Every way in which an attempt can end, and that the queue learns of it, once.

#include "tests/actors/worker/worker_fixture.hpp"

using namespace stayler;
using namespace stayler::test;
using std::chrono::seconds;

TEST_CASE_METHOD(worker_fixture, "a picture waits no longer than its job may take") {
  peers->fail_at["store"] = {error_class::unavailable, "away", {}};
  job j = conversion_job();
  j.request.timeout = seconds{20};
  tell(worker, assign_atom_v, j);
  advance(seconds{21}, seconds{1});
  REQUIRE(peers->outcomes.size() == 1);
  CHECK(peers->outcomes[0].error.kind == error_class::timeout);
}

TEST_CASE_METHOD(worker_fixture, "a cancel ends the wait for a store") {
  peers->fail_at["store"] = {error_class::unavailable, "away", {}};
  const job j = conversion_job();
  tell(worker, assign_atom_v, j);
  tell(worker, cancel_atom_v, current_attempt(j));
  REQUIRE(peers->outcomes.size() == 1);
  CHECK(peers->outcomes[0].kind == attempt_outcome_kind::released);
  peers->seen.clear();
  advance(seconds{5}, seconds{1});
  CHECK_FALSE(peers->has_seen("store"));
}

TEST_CASE_METHOD(
    worker_fixture, "a cancelled attempt aborts the provider's call and is over at once"
) {
  peers->silent_at["generate"] = true;
  const job j = conversion_job();
  tell(worker, assign_atom_v, j);
  REQUIRE(peers->outcomes.empty());
  tell(worker, cancel_atom_v, current_attempt(j));
  CHECK(peers->has_seen("abort"));
  REQUIRE(peers->outcomes.size() == 1);
  CHECK(peers->outcomes[0].kind == attempt_outcome_kind::released);
}

TEST_CASE_METHOD(
    worker_fixture, "an attempt that outlasts the job's timeout fails with class timeout"
) {
  peers->silent_at["prepare person"] = true;
  job j = conversion_job();
  j.request.timeout = seconds{20};
  tell(worker, assign_atom_v, j);
  advance(seconds{19});
  CHECK(peers->outcomes.empty());
  advance(seconds{2});
  REQUIRE(peers->outcomes.size() == 1);
  CHECK(peers->outcomes[0].error.kind == error_class::timeout);
}

TEST_CASE_METHOD(worker_fixture, "an outcome that the store cannot take is reported until it can") {
  peers->refuse_finish = {
      {error_class::unavailable, "away", {}}, {error_class::timeout, "slow", {}}};
  tell(worker, assign_atom_v, conversion_job());
  CHECK(peers->outcomes.size() == 1);
  advance(seconds{5});
  CHECK(peers->outcomes.size() == 3);
  CHECK(peers->outcomes[2] == peers->outcomes[0]);
}

TEST_CASE_METHOD(worker_fixture, "a result whose attempt was fenced off is removed") {
  peers->refuse_finish = {{error_class::conflict, "stale", {}}};
  job j = conversion_job();
  j.request.type = job_type::image_processing;  // which has no record
  tell(worker, assign_atom_v, j);
  CHECK(peers->has_seen("remove"));
}

TEST_CASE_METHOD(worker_fixture, "a result stays whose completion may have been stored") {
  peers->refuse_finish = {
      {error_class::unavailable, "no coordinator", {}}, {error_class::conflict, "stale", {}}};
  job j = conversion_job();
  j.request.type = job_type::image_processing;
  tell(worker, assign_atom_v, j);
  advance(seconds{2});
  CHECK(peers->outcomes.size() == 2);
  CHECK_FALSE(peers->has_seen("remove"));
}

TEST_CASE_METHOD(worker_fixture, "a result that the record names stays, however the attempt ends") {
  SECTION("fenced off") {
    peers->refuse_finish = {{error_class::conflict, "stale", {}}};
    tell(worker, assign_atom_v, conversion_job());
  }
  SECTION("handed back") {
    peers->silent_at["notify"] = true;
    tell(worker, assign_atom_v, conversion_job());
    tell(worker, release_atom_v);
    REQUIRE(peers->outcomes.size() == 1);
    CHECK(peers->outcomes[0].kind == attempt_outcome_kind::released);
  }
  SECTION("handed back before the record has answered") {
    peers->silent_at["record completed"] = true;
    tell(worker, assign_atom_v, conversion_job());
    tell(worker, release_atom_v);
    REQUIRE(peers->outcomes.size() == 1);
  }
  CHECK_FALSE(peers->has_seen("remove"));
}
