// SPDX-License-Identifier: MIT
#include "adapters/job_store/job_transitions.hpp"

#include "tests/support/catch.hpp"

#include <utility>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;
using store_op::end_of_lease;

namespace {

constexpr timestamp enqueued_at{milliseconds{1'800'000'000'000}};
constexpr milliseconds lease{30'000};
const failure timed_out{error_class::timeout, "too slow"};

stored_job new_job(timestamp run_at = {}) {
  job wanted;
  wanted.request.user_id = "ann";
  wanted.request.run_at = run_at;
  return admit(std::move(wanted), enqueued_at);
}

stored_job running_job() {
  stored_job stored = new_job();
  give_lease(stored, "worker", "instance", lease, enqueued_at);
  return stored;
}

attempt_id attempt_of(const stored_job& stored) {
  return current_attempt(stored.value);
}

/// A job in each state.
std::vector<stored_job> jobs_in_all_states() {
  std::vector<stored_job> jobs{new_job(), new_job(enqueued_at + lease), running_job()};
  for (int i = 0; i < 3; ++i) {
    jobs.push_back(running_job());
  }
  REQUIRE(apply(jobs[3], store_op::complete{attempt_of(jobs[3]), {}}, enqueued_at));
  REQUIRE(apply(
      jobs[4], store_op::fail{attempt_of(jobs[4]), end_of_lease::failed, timed_out}, enqueued_at
  ));
  REQUIRE(apply(jobs[5], store_op::cancel{}, enqueued_at));
  return jobs;
}

bool is_applied(const result<change_effect>& effect) {
  return effect && *effect == change_effect::applied;
}

bool is_repeated(const result<change_effect>& effect) {
  return effect && *effect == change_effect::repeated;
}

/// The states in which the change is applied; it leaves the job as it was in the others.
template <class Change>
std::vector<job_status> states_that_allow(const Change& change) {
  std::vector<job_status> allowed;
  for (stored_job& stored : jobs_in_all_states()) {
    const job before = stored.value;
    const auto effect = apply(stored, change, enqueued_at);
    if (is_applied(effect)) {
      allowed.push_back(before.status);
    } else {
      REQUIRE(effect.error().kind == error_class::conflict);
      REQUIRE(stored.value == before);
    }
  }
  return allowed;
}

using states = std::vector<job_status>;

}  // namespace

TEST_CASE("a new job brings its request, and nothing that is the store's to decide") {
  job forged;
  forged.id = job_id{make_uuid_v7(enqueued_at)};
  forged.request.user_id = "ann";
  forged.status = job_status::completed;
  forged.token = fencing_token{7};
  forged.failures = 3;
  forged.result.image_id = "image";
  const stored_job admitted = admit(forged, enqueued_at);
  job expected;
  expected.id = forged.id;
  expected.request = forged.request;
  expected.created_at = expected.updated_at = enqueued_at;
  CHECK(admitted.value == expected);
  CHECK(admitted.over == precedence::none);
}

TEST_CASE("a job for later is scheduled until it is due") {
  stored_job stored = new_job(enqueued_at + milliseconds{1});
  CHECK(stored.value.status == job_status::scheduled);
  CHECK(stored.value.due_at == enqueued_at + milliseconds{1});
  make_due(stored, enqueued_at + milliseconds{1});
  CHECK(stored.value.status == job_status::pending);
  CHECK(new_job(enqueued_at).value.status == job_status::pending);
}

TEST_CASE("each lease has a new token and an entry in the history, and ends precedence") {
  stored_job stored = new_job();
  REQUIRE(is_applied(apply(stored, store_op::prioritize{}, enqueued_at)));
  CHECK(stored.over == precedence::all_jobs);
  give_lease(stored, "worker-1", "instance", lease, enqueued_at);
  CHECK(stored.over == precedence::none);
  CHECK(stored.instance_id == "instance");
  CHECK(stored.value.token == fencing_token{1});
  CHECK(stored.value.lease_expires_at == enqueued_at + lease);
  CHECK(
      stored.value.attempts
      == std::vector{attempt_record{fencing_token{1}, "worker-1", enqueued_at, {}, {}}}
  );
  take_lease_back(stored, "test", enqueued_at);
  CHECK(stored.value.status == job_status::pending);
  CHECK(stored.value.interruptions == 1);
  CHECK(stored.instance_id.empty());
  give_lease(stored, "worker-2", "instance", lease, enqueued_at);
  CHECK(stored.value.token == fencing_token{2});
}

TEST_CASE("the history of an attempt says when each stage was reached") {
  stored_job stored = running_job();
  const attempt_id attempt{stored.value.id, stored.value.token};
  const auto reach = [&](job_stage stage, std::uint32_t percent, int after) {
    static_cast<void>(apply(
        stored, store_op::update_progress{attempt, {stage, percent}},
        enqueued_at + milliseconds{after}
    ));
  };
  reach(job_stage::downloading, 10, 1);
  reach(job_stage::downloading, 20, 2);
  reach(job_stage::converting, 30, 3);
  reach(job_stage::downloading, 40, 4);
  CHECK(
      stored.value.attempts.back().stages
      == std::vector<
          stage_start>{{job_stage::downloading, enqueued_at + milliseconds{1}}, {job_stage::converting, enqueued_at + milliseconds{3}}}
  );
}

TEST_CASE("what precedence a job has it keeps while it waits") {
  stored_job stored = new_job(enqueued_at + lease);
  REQUIRE(is_applied(apply(stored, store_op::prioritize{{}, precedence::own_jobs}, enqueued_at)));
  CHECK(stored.value.status == job_status::pending);
  CHECK(stored.over == precedence::own_jobs);
  CHECK(is_repeated(apply(stored, store_op::prioritize{{}, precedence::own_jobs}, enqueued_at)));
  REQUIRE(is_applied(apply(stored, store_op::prioritize{}, enqueued_at)));
  CHECK(is_repeated(apply(stored, store_op::prioritize{{}, precedence::own_jobs}, enqueued_at)));
  CHECK(stored.over == precedence::all_jobs);
}

TEST_CASE("what others do to a job is allowed in these states") {
  using enum job_status;
  CHECK(states_that_allow(store_op::cancel{}) == states{pending, scheduled, processing});
  CHECK(states_that_allow(store_op::prioritize{}) == states{pending, scheduled});
  CHECK(states_that_allow(store_op::make_available{}) == states{scheduled});
  CHECK(states_that_allow(store_op::retry{}) == states{failed});
  for (const stored_job& stored : jobs_in_all_states()) {
    CHECK(!check_removal(stored.value, store_op::drop{}) == (stored.value.status == failed));
    CHECK(!check_removal(stored.value, store_op::erase{}) == is_final(stored.value.status));
  }
}

TEST_CASE("an attempt whose token is not the lease's changes nothing") {
  const stored_job before = running_job();
  const attempt_id stale{before.value.id, fencing_token{}};
  stored_job stored = before;
  const auto is_refused = [&](const auto& change) {
    const auto effect = apply(stored, change, enqueued_at + lease);
    return !effect && effect.error().kind == error_class::conflict && stored.value == before.value;
  };
  CHECK(is_refused(store_op::renew{stale, lease}));
  CHECK(is_refused(store_op::update_progress{stale, {job_stage::converting, 50}}));
  CHECK(is_refused(store_op::open_call{stale}));
  CHECK(is_refused(store_op::settle_call{stale, {}}));
  CHECK(is_refused(store_op::complete{stale, {}}));
  CHECK(is_refused(store_op::requeue{stale, end_of_lease::failed, timed_out, {}}));
  CHECK(is_refused(store_op::fail{stale, end_of_lease::failed, timed_out}));
}

TEST_CASE("an end that is reported again is answered again, and counts once") {
  const timestamp later = enqueued_at + milliseconds{5};
  SECTION("completed") {
    stored_job stored = running_job();
    const store_op::complete change{attempt_of(stored), {}};
    CHECK(is_applied(apply(stored, change, enqueued_at)));
    CHECK(is_repeated(apply(stored, change, later)));
    CHECK(stored.value.completed_at == enqueued_at);
  }
  SECTION("failed") {
    stored_job stored = running_job();
    const store_op::fail change{attempt_of(stored), end_of_lease::crashed, timed_out};
    CHECK(is_applied(apply(stored, change, enqueued_at)));
    CHECK(is_repeated(apply(stored, change, later)));
    CHECK(stored.value.crashes == 1);
  }
  SECTION("requeued, with the same error") {
    stored_job stored = running_job();
    store_op::requeue change{attempt_of(stored), end_of_lease::failed, timed_out, later};
    CHECK(is_applied(apply(stored, change, enqueued_at)));
    CHECK(is_repeated(apply(stored, change, later)));
    CHECK(stored.value.failures == 1);
    change.error.message = "another";
    CHECK_FALSE(apply(stored, change, later));
  }
}

TEST_CASE("the end of a lease counts by its cause, and says what became of an open call") {
  struct expectation {
    end_of_lease cause;
    std::uint32_t failures, interruptions, crashes;
    call_state call;
  };
  for (const expectation& e : {
           expectation{end_of_lease::failed, 1, 0, 0, call_state::aborted},
           expectation{end_of_lease::refunded, 0, 0, 0, call_state::aborted},
           expectation{end_of_lease::interrupted, 0, 1, 0, call_state::aborted},
           expectation{end_of_lease::crashed, 0, 0, 1, call_state::ambiguous},
       }) {
    stored_job stored = running_job();
    REQUIRE(is_applied(apply(stored, store_op::open_call{attempt_of(stored)}, enqueued_at)));
    const store_op::requeue change{attempt_of(stored), e.cause, timed_out, enqueued_at + lease};
    REQUIRE(is_applied(apply(stored, change, enqueued_at)));
    CHECK(stored.value.status == job_status::scheduled);
    CHECK(stored.value.due_at == enqueued_at + lease);
    CHECK(stored.value.failures == e.failures);
    CHECK(stored.value.interruptions == e.interruptions);
    CHECK(stored.value.crashes == e.crashes);
    CHECK(stored.value.calls.at(0).state == e.call);
    CHECK(
        stored.value.error.kind
        == (e.cause == end_of_lease::interrupted ? error_class::none : error_class::timeout)
    );
  }
}

TEST_CASE("progress moves forward, up to 100 percent") {
  stored_job stored = running_job();
  const auto report = [&](job_progress progress) {
    return apply(stored, store_op::update_progress{attempt_of(stored), progress}, enqueued_at);
  };
  CHECK(is_applied(report({job_stage::converting, 40})));
  CHECK(is_repeated(report({job_stage::downloading, 90})));
  CHECK(is_repeated(report({job_stage::converting, 40})));
  CHECK(is_applied(report({job_stage::uploading, 20})));
  CHECK(stored.value.progress == job_progress{job_stage::uploading, 40});
  CHECK(is_applied(report({job_stage::uploading, 250})));
  CHECK(stored.value.progress.percent == 100);
}

TEST_CASE("an attempt has one call, which is settled once") {
  stored_job stored = running_job();
  CHECK(is_applied(apply(stored, store_op::open_call{attempt_of(stored)}, enqueued_at)));
  CHECK(is_repeated(apply(stored, store_op::open_call{attempt_of(stored)}, enqueued_at)));
  const auto settle = [&](call_settlement settlement) {
    return apply(
        stored, store_op::settle_call{attempt_of(stored), settlement}, enqueued_at + lease
    );
  };
  CHECK(is_applied(settle({error_class::none, 1'290, 39'000})));
  CHECK(is_applied(settle({error_class::timeout, 1, 1})));
  const provider_call expected{
      fencing_token{1},
      call_state::settled,
      enqueued_at,
      enqueued_at + lease,
      error_class::none,
      1'290,
      39'000};
  CHECK(stored.value.calls == std::vector{expected});
}

TEST_CASE("a cancelled job may have been billed, unless all its calls were refused") {
  stored_job sent = running_job();
  REQUIRE(apply(sent, store_op::open_call{attempt_of(sent)}, enqueued_at));
  stored_job refused = sent;
  REQUIRE(apply(
      refused, store_op::settle_call{attempt_of(refused), {error_class::rate_limited, 0, 0}},
      enqueued_at
  ));
  REQUIRE(apply(sent, store_op::cancel{}, enqueued_at));
  REQUIRE(apply(refused, store_op::cancel{}, enqueued_at));
  CHECK(sent.value.possibly_billed);
  CHECK_FALSE(refused.value.possibly_billed);
}

TEST_CASE(
    "a job that was given up for its ambiguous calls may have been billed, until it is retried"
) {
  stored_job given_up = running_job();
  stored_job failed = given_up;
  const auto fail_with = [](stored_job& stored, error_class kind) {
    return apply(
        stored, store_op::fail{attempt_of(stored), store_op::end_of_lease::crashed, {kind, "so"}},
        enqueued_at
    );
  };
  REQUIRE(fail_with(given_up, error_class::ambiguous_call));
  REQUIRE(fail_with(failed, error_class::worker_lost));
  CHECK(given_up.value.possibly_billed);
  CHECK_FALSE(failed.value.possibly_billed);
  REQUIRE(apply(given_up, store_op::retry{}, enqueued_at));
  CHECK_FALSE(given_up.value.possibly_billed);
}

TEST_CASE("a job that records its result can no longer be cancelled") {
  stored_job stored = running_job();
  REQUIRE(apply(
      stored, store_op::update_progress{attempt_of(stored), {job_stage::recording, 90}}, enqueued_at
  ));
  CHECK(apply(stored, store_op::cancel{}, enqueued_at).error().kind == error_class::conflict);
  CHECK(stored.value.status == job_status::processing);
}

TEST_CASE("a dead letter that is retried has its attempts and crashes before it again") {
  stored_job stored = running_job();
  REQUIRE(apply(
      stored, store_op::fail{attempt_of(stored), end_of_lease::crashed, timed_out}, enqueued_at
  ));
  REQUIRE(is_applied(apply(stored, store_op::retry{}, enqueued_at + lease)));
  CHECK(stored.value.status == job_status::pending);
  CHECK(stored.value.crashes == 0);
  CHECK_FALSE(is_set(stored.value.completed_at));
  CHECK(stored.value.attempts.size() == 1);
  CHECK(waits_since(stored.value) == enqueued_at + lease);
}

TEST_CASE("history and ledger keep the latest entries") {
  stored_job stored = new_job();
  for (std::size_t i = 0; i < history_limit + 4; ++i) {
    give_lease(stored, "worker", "instance", lease, enqueued_at);
    REQUIRE(apply(stored, store_op::open_call{attempt_of(stored)}, enqueued_at));
    take_lease_back(stored, "test", enqueued_at);
  }
  const fencing_token last{history_limit + 4};
  REQUIRE(stored.value.attempts.size() == history_limit);
  REQUIRE(stored.value.calls.size() == history_limit);
  CHECK(stored.value.attempts.back().token == last);
  CHECK(stored.value.calls.back().token == last);
}
