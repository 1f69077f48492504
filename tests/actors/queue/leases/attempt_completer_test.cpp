// SPDX-License-Identifier: MIT

// How an attempt ends: a retry after its pause, or a dead letter that is recorded and announced.

#include "tests/actors/queue/queue_fixture.hpp"

using namespace stayler;
using namespace stayler::test;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE_METHOD(
    queue_fixture, "a failed attempt waits for its back-off, which virtual time makes short"
) {
  config.retry.initial_delay = minutes{5};
  tell(queue, settings_atom_v, config);
  start_queue();
  add_worker();
  const job j = submit("c1");
  REQUIRE(finish(seen->assigned.at(0), failed(error_class::server_error)));
  CHECK(find(j).status == job_status::scheduled);
  CHECK(find(j).failures == 1);
  advance(minutes{5} - seconds{1}, seconds{1});
  CHECK(seen->assigned.size() == 1);
  advance(seconds{2}, seconds{1});
  CHECK(seen->assigned.size() == 2);
}

TEST_CASE_METHOD(
    queue_fixture, "a job out of retries is a dead letter, recorded and announced once"
) {
  add_worker();
  const job j = submit("c1");
  for (std::size_t attempt = 0; attempt < 4; ++attempt) {
    REQUIRE(seen->assigned.size() == attempt + 1);
    REQUIRE(finish(seen->assigned[attempt], failed(error_class::timeout)));
    advance(seconds{21}, seconds{1});
  }
  CHECK(find(j).status == job_status::failed);
  CHECK(find(j).attempts.size() == 4);
  CHECK(seen->assigned.size() == 4);
  CHECK(seen->count(job_event_kind::retried) == 3);
  CHECK(seen->count(job_event_kind::failed) == 1);
  REQUIRE(seen->notifications.size() == 1);
  CHECK(seen->notifications[0].event == "conversion.failed");
  CHECK(seen->records.back().status == job_status::failed);
}

TEST_CASE_METHOD(
    queue_fixture,
    "the limit of retries holds while the retry scheduler is away, and pauses are long"
) {
  kill(retries);
  add_worker();
  const job j = submit("c1");
  for (std::size_t attempt = 0; attempt < 4; ++attempt) {
    REQUIRE(seen->assigned.size() == attempt + 1);
    REQUIRE(finish(seen->assigned[attempt], failed(error_class::timeout)));
    advance(config.retry_delay - seconds{1}, seconds{1});
    CHECK(seen->assigned.size() == attempt + 1);
    advance(seconds{21}, seconds{1});
  }
  CHECK(find(j).status == job_status::failed);
  CHECK(find(j).attempts.size() == 4);
}

TEST_CASE_METHOD(queue_fixture, "the limit of paid calls holds while the retry scheduler is away") {
  config.max_ambiguous_calls = 0;
  start_queue();
  kill(retries);
  const auto worker = add_worker();
  const job j = submit("c1");
  REQUIRE(call<unit_value>(queue, open_call_atom_v, current_attempt(seen->assigned.at(0))));
  kill(worker);
  CHECK(find(j).status == job_status::failed);
  CHECK(find(j).error.kind == error_class::ambiguous_call);
}

TEST_CASE_METHOD(queue_fixture, "the end of a job is recorded once the records are back") {
  const job j = submit("c1");
  seen->records.clear();
  seen->records_error = {error_class::unavailable, "away"};
  REQUIRE(call<job>(queue, cancel_atom_v, j.id));
  advance(seconds{21}, seconds{1});
  seen->records_error = {};
  advance(seconds{5}, seconds{1});
  REQUIRE(seen->records.size() == 1);
  CHECK(seen->records[0].status == job_status::cancelled);
  CHECK(seen->notifications.size() == 1);
}

TEST_CASE_METHOD(queue_fixture, "what the records refuse is not recorded again") {
  const job j = submit("c1");
  seen->records.clear();
  seen->records_error = {error_class::conflict, "a newer attempt has written"};
  REQUIRE(call<job>(queue, cancel_atom_v, j.id));
  seen->records_error = {};
  advance(seconds{21}, seconds{1});
  CHECK(seen->records.empty());
}

TEST_CASE_METHOD(queue_fixture, "a failure that no retry helps against ends the job at once") {
  add_worker();
  const job j = submit("c1");
  REQUIRE(finish(seen->assigned.at(0), failed(error_class::safety_blocked)));
  CHECK(find(j).status == job_status::failed);
  CHECK(find(j).error.kind == error_class::safety_blocked);
}

TEST_CASE_METHOD(
    queue_fixture, "a rate limit refunds the attempt and waits for the provider's time"
) {
  add_worker();
  const job j = submit("c1");
  REQUIRE(finish(seen->assigned.at(0), failed(error_class::rate_limited, seconds{47})));
  CHECK(find(j).failures == 0);
  advance(seconds{46}, seconds{1});
  CHECK(seen->assigned.size() == 1);
  advance(seconds{2}, seconds{1});
  CHECK(seen->assigned.size() == 2);
}
