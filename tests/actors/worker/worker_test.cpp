// SPDX-License-Identifier: MIT

// A worker and its queue: joining, holding a lease, giving it up, leaving.

#include "tests/actors/worker/worker_fixture.hpp"

#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using std::chrono::seconds;

TEST_CASE_METHOD(worker_fixture, "a worker joins the queue when it starts") {
  CHECK(peers->seen == std::vector<std::string>{"join worker-1"});
}

TEST_CASE_METHOD(worker_fixture, "a cancel for another attempt is not obeyed") {
  peers->silent_at["generate"] = true;
  const job j = conversion_job(2);
  tell(worker, assign_atom_v, j);
  tell(worker, cancel_atom_v, attempt_id{j.id, fencing_token{1}});
  CHECK(peers->outcomes.empty());
}

TEST_CASE_METHOD(
    worker_fixture, "an answer that comes after the attempt has ended changes nothing"
) {
  peers->silent_at["generate"] = true;
  const job first = conversion_job();
  tell(worker, assign_atom_v, first);
  tell(worker, release_atom_v);
  const job second = conversion_job();
  tell(worker, assign_atom_v, second);
  // The first call's requester timeout passes; the second attempt must not take it for its own.
  advance(seconds{599}, seconds{1});
  REQUIRE(peers->outcomes.size() == 1);
  CHECK(peers->outcomes[0].kind == attempt_outcome_kind::released);
}

TEST_CASE_METHOD(worker_fixture, "the lease is renewed while a slow call runs, and no longer") {
  peers->silent_at["generate"] = true;
  const job j = conversion_job();
  tell(worker, assign_atom_v, j);
  advance(seconds{45});
  CHECK(peers->renewals == 4);
  tell(worker, cancel_atom_v, current_attempt(j));
  advance(seconds{45});
  CHECK(peers->renewals == 4);
}

TEST_CASE_METHOD(worker_fixture, "a worker whose lease moved on stops by itself") {
  peers->silent_at["generate"] = true;
  peers->refuse_renewal = {error_class::conflict, "moved on", {}};
  tell(worker, assign_atom_v, conversion_job());
  advance(seconds{11});
  REQUIRE(peers->outcomes.size() == 1);
  CHECK(peers->outcomes[0].kind == attempt_outcome_kind::released);
}

TEST_CASE_METHOD(worker_fixture, "a retiring worker finishes its job, leaves the queue and ends") {
  peers->silent_at["generate"] = true;
  const job j = conversion_job();
  tell(worker, assign_atom_v, j);
  tell(worker, retire_atom_v);
  CHECK_FALSE(peers->has_seen("leave"));
  tell(worker, cancel_atom_v, current_attempt(j));
  CHECK(peers->has_seen("leave"));
  const auto gone =
      ask<unit_value>(caf::actor_cast<caf::actor>(worker), fault_atom_v, milliseconds{0});
  CHECK(gone.answer().error().kind == error_class::unavailable);
}
