// SPDX-License-Identifier: MIT

// What comes next for a job, in every state in which something may.

#include "policies/jobs/next_step.hpp"

#include "tests/support/catch.hpp"

#include <chrono>

using namespace stayler;
using namespace std::chrono_literals;
using policies::next_action;
using policies::next_step_of;

namespace {

const timestamp attempted_at{480'000h};

job tried_job(job_status status, error_class error) {
  job made;
  made.status = status;
  made.request.max_retries = 3;
  made.failures = 2;
  made.error = {error, "why"};
  made.attempts = {{fencing_token{1}, "w1", attempted_at, attempted_at, made.error}};
  return made;
}

std::string why_dead(error_class error) {
  const auto step = next_step_of(tried_job(job_status::failed, error));
  REQUIRE(step);
  CHECK(step->action == next_action::none);
  return step->why;
}

}  // namespace

TEST_CASE("a job that waits after an attempt is tried again, and says after which failure") {
  job made = tried_job(job_status::scheduled, error_class::timeout);
  made.due_at = attempted_at;
  const auto step = next_step_of(made);
  REQUIRE(step);
  CHECK(step->action == next_action::retry);
  CHECK(step->at == attempted_at);
  CHECK(step->why == "the last attempt ended with timeout; 2 of 4 attempts have counted");
  made.attempts.back().error = {};
  CHECK(next_step_of(made)->why == "the last attempt was handed back unfinished");
}

TEST_CASE("a dead letter says why nothing comes by itself") {
  CHECK(why_dead(error_class::timeout) == "timeout, and its 3 retries are used");
  CHECK(why_dead(error_class::invalid_input) == "invalid_input is not tried again by itself");
  CHECK(why_dead(error_class::worker_lost) == "it has lost its worker too often");
  CHECK(why_dead(error_class::ambiguous_call) == "another attempt could be paid for again");
  CHECK(why_dead(error_class::no_image) == "no_image is tried once more at most");
}

TEST_CASE("nothing comes next for a job that runs, is completed, cancelled or was never tried") {
  CHECK_FALSE(next_step_of(job{}));
  for (const auto status : {job_status::processing, job_status::completed, job_status::cancelled}) {
    CHECK_FALSE(next_step_of(tried_job(status, error_class::none)));
  }
}
