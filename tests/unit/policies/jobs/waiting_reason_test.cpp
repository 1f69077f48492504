// SPDX-License-Identifier: MIT

// What is said of a job that waits: the first thing that stands in its way, and nothing that is not
// known.

#include "policies/jobs/waiting_reason.hpp"

#include "tests/support/catch.hpp"

#include <chrono>
#include <string>

using namespace stayler;
using namespace std::chrono_literals;
using policies::explain_waiting;
using policies::service_snapshot;
using policies::waiting_reason;

namespace {

const timestamp noon{480'000h};

/// Two busy workers, five pending jobs, and a provider with room.
service_snapshot busy_service() {
  service_snapshot made{
      noon, queue_status{}, latency_report{}, provider_status{}, spending_report{}};
  made.queue->state = service_state::running;
  made.queue->counts.pending = 5;
  made.queue->workers = {
      {"w1", "here", true, {}, {}, {}, 0, 0}, {"w2", "here", true, {}, {}, {}, 0, 0}};
  made.latencies->stages = {{"total", 30, 5, 10, 20}};
  made.provider->max_in_flight = 10;
  return made;
}

job pending_job() {
  job made;
  made.request.user_id = "ann";
  return made;
}

/// Of a job whose last attempt has failed like that, and which is to be tried again in a minute.
job scheduled_after(error_class error) {
  job made = pending_job();
  made.status = job_status::scheduled;
  made.due_at = noon + 60s;
  made.error = {error, "why"};
  made.attempts = {{fencing_token{1}, "w1", noon, noon, made.error}};
  return made;
}

waiting_reason reason_of(const job& about, const service_snapshot& service) {
  const auto account = explain_waiting(about, service);
  REQUIRE(account);
  return account->reason;
}

}  // namespace

TEST_CASE("a job behind others is told how many may go first, and when it starts at the latest") {
  const auto account = explain_waiting(pending_job(), busy_service());
  REQUIRE(account);
  CHECK(account->reason == waiting_reason::behind);
  CHECK(account->ahead_at_most == 4);
  CHECK_FALSE(is_set(account->until));
  // Two workers need three rounds of ten seconds, and half as much again for safety.
  CHECK(account->starts_from == noon);
  CHECK(account->starts_by == noon + 46s);
}

TEST_CASE("an estimate keeps to what the provider allows") {
  auto service = busy_service();
  service.provider->max_in_flight = 1;
  CHECK(explain_waiting(pending_job(), service)->starts_by == noon + 76s);
  service.provider->requests_per_minute = 2;
  CHECK(explain_waiting(pending_job(), service)->starts_by == noon + 226s);
  job other = pending_job();
  other.request.type = job_type::image_processing;
  CHECK(explain_waiting(other, service)->starts_by == noon + 46s);
}

TEST_CASE("no estimate is made of too few attempts") {
  auto service = busy_service();
  service.latencies->stages.front().count = 9;
  CHECK_FALSE(is_set(explain_waiting(pending_job(), service)->starts_by));
  service.latencies.reset();
  service.provider.reset();
  CHECK(explain_waiting(pending_job(), service)->ahead_at_most == 4);
}

TEST_CASE("what the service does as a whole comes first") {
  auto service = busy_service();
  service.queue->paused = {{.type = job_type::image_conversion}};
  CHECK(reason_of(pending_job(), service) == waiting_reason::paused);
  CHECK(reason_of(scheduled_after(error_class::timeout), service) == waiting_reason::paused);
  job other = pending_job();
  other.request.type = job_type::image_processing;
  CHECK(reason_of(other, service) == waiting_reason::behind);
  service.queue->state = service_state::draining;
  CHECK(reason_of(other, service) == waiting_reason::stopped);
}

TEST_CASE("a scheduled job waits for its time, its next attempt, or what is spent") {
  job later = pending_job();
  later.status = job_status::scheduled;
  later.due_at = later.request.run_at = noon + 60s;
  auto service = busy_service();
  CHECK(reason_of(later, service) == waiting_reason::due_later);
  CHECK(explain_waiting(later, service)->until == noon + 60s);
  CHECK(reason_of(scheduled_after(error_class::timeout), service) == waiting_reason::backoff);
  const job held = scheduled_after(error_class::held);
  CHECK(reason_of(held, service) == waiting_reason::quota);
  service.provider->breaker = breaker_state::open;
  CHECK(reason_of(held, service) == waiting_reason::provider_closed);
  service.costs->user_budget = 5;
  service.costs->users = {{"2026-11-30", "bob", {}}, {"2026-11-30", "ann", {.cost = 5}}};
  CHECK(reason_of(held, service) == waiting_reason::user_budget);
  service.costs->budget = 10;
  service.costs->total.cost = 9;
  service.costs->reserved = 1;
  CHECK(reason_of(held, service) == waiting_reason::budget);
}

TEST_CASE("a job that is due is explained as one that could be given out") {
  job due = scheduled_after(error_class::timeout);
  due.due_at = noon;
  CHECK(reason_of(due, busy_service()) == waiting_reason::behind);
}

TEST_CASE("a closed provider holds up the jobs that call it, and no others") {
  auto service = busy_service();
  service.provider->breaker = breaker_state::open;
  service.provider->closed_until = noon + 30s;
  const auto account = explain_waiting(pending_job(), service);
  CHECK(account->reason == waiting_reason::provider_closed);
  CHECK(account->until == noon + 30s);
  job other = pending_job();
  other.request.type = job_type::image_processing;
  CHECK(reason_of(other, service) == waiting_reason::behind);
  service.provider->closed_until = noon;
  CHECK(reason_of(pending_job(), service) == waiting_reason::behind);
}

TEST_CASE("without workers, with a free one, and as a suspect") {
  auto service = busy_service();
  service.queue->workers.front().is_busy = false;
  CHECK(reason_of(pending_job(), service) == waiting_reason::dispatching);
  service.provider->calls_in_flight = 10;
  CHECK(reason_of(pending_job(), service) == waiting_reason::behind);
  job suspect = pending_job();
  suspect.crashes = 2;
  CHECK(reason_of(suspect, service) == waiting_reason::suspect_alone);
  service.queue->workers.clear();
  CHECK(reason_of(suspect, service) == waiting_reason::no_worker);
}

TEST_CASE("nothing is said of jobs that do not wait, or of a queue that does not answer") {
  job running = pending_job();
  running.status = job_status::processing;
  CHECK_FALSE(explain_waiting(running, busy_service()));
  auto service = busy_service();
  service.queue.reset();
  CHECK_FALSE(explain_waiting(pending_job(), service));
}

TEST_CASE("each reason has the name of the contract") {
  CHECK(to_string(waiting_reason::stopped) == "stopped");
  CHECK(to_string(waiting_reason::provider_closed) == "provider_closed");
  CHECK(to_string(waiting_reason::dispatching) == "dispatching");
}
