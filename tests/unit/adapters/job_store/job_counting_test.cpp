// SPDX-License-Identifier: MIT
#include "adapters/job_store/job_counting.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;
using namespace stayler::adapters;

namespace {

constexpr timestamp counted_from{milliseconds{1'800'000'000'000}};

job job_in(job_status status) {
  job j;
  j.status = status;
  return j;
}

}  // namespace

TEST_CASE("a job is counted in the state that it is in, and once as accepted") {
  job_counts counts;
  count_transition(counts, std::nullopt, job_in(job_status::pending));
  count_transition(counts, job_status::pending, job_in(job_status::processing));
  count_transition(counts, job_status::processing, job_in(job_status::processing));
  job_counts expected;
  expected.accepted = 1;
  expected.processing = 1;
  CHECK(counts == expected);
  count_removal(counts, job_status::processing);
  expected.processing = 0;
  CHECK(counts == expected);
}

TEST_CASE("a completed job adds its time, and a clock that was set back takes none away") {
  job_counts counts;
  counts.processing = 2;
  job done = job_in(job_status::completed);
  done.started_at = counted_from;
  done.completed_at = counted_from + milliseconds{700};
  count_transition(counts, job_status::processing, done);
  CHECK(counts.completed_job_time == milliseconds{700});
  CHECK(counts.last_finished_at == done.completed_at);
  done.completed_at = counted_from - milliseconds{700};
  count_transition(counts, job_status::processing, done);
  CHECK(counts.completed_job_time == milliseconds{700});
  CHECK(counts.last_finished_at == counted_from + milliseconds{700});
  CHECK(counts.completed == 2);
}

TEST_CASE("an ambiguous call is counted when its attempt ends, and not again") {
  job_counts counts;
  counts.processing = 2;
  job back = job_in(job_status::pending);
  back.token = fencing_token{1};
  back.calls.push_back(
      {back.token, call_state::ambiguous, counted_from, counted_from, error_class::none, 0, 0}
  );
  count_transition(counts, job_status::processing, back);
  CHECK(counts.ambiguous_calls == 1);
  back.token = fencing_token{2};
  count_transition(counts, job_status::processing, back);
  CHECK(counts.ambiguous_calls == 1);
}

TEST_CASE("a user's waiting jobs are counted, and a user without any is not kept") {
  waiting_by_user waiting;
  job j = job_in(job_status::scheduled);
  j.request.user_id = "ann";
  count_waiting(waiting, std::nullopt, j);
  j.status = job_status::pending;
  count_waiting(waiting, job_status::scheduled, j);
  CHECK(waiting_of(waiting, "ann") == 1);
  CHECK(waiting_of(waiting, "bob") == 0);
  j.status = job_status::processing;
  count_waiting(waiting, job_status::pending, j);
  CHECK(waiting.empty());
  j.status = job_status::completed;
  count_waiting(waiting, job_status::processing, j);
  CHECK(waiting.empty());
}
