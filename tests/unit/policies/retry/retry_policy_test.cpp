// SPDX-License-Identifier: MIT

// Whether and when a failed job is tried again: the delays, their bounds, and the table of classes.

#include "policies/retry/retry_policy.hpp"

#include "tests/support/catch.hpp"

#include <random>

using namespace stayler;
using namespace stayler::policies;
using std::chrono::seconds;

namespace {

constexpr timestamp now{milliseconds{1'767'225'600'000}};

double lowest() {
  return 0.0;
}
double highest() {
  return 0.999999;
}

job failed_job(std::uint32_t failures_before = 0) {
  job j;
  j.request.max_retries = 3;
  j.failures = failures_before;
  return j;
}

retry_decision decide(const job& j, error_class kind, milliseconds retry_after = {}) {
  return decide_retry(j, {kind, "", retry_after}, settings{}, now, lowest);
}

}  // namespace

TEST_CASE("back-off doubles from the initial delay and stops at the cap") {
  retry_settings policy;
  policy.jitter = false;
  CHECK(backoff_delay(policy, 1, lowest) == seconds{5});
  CHECK(backoff_delay(policy, 2, lowest) == seconds{10});
  CHECK(backoff_delay(policy, 3, lowest) == seconds{20});
  CHECK(backoff_delay(policy, 7, lowest) == seconds{300});
  CHECK(backoff_delay(policy, 1'000'000, lowest) == seconds{300});
}

TEST_CASE("jitter stays between half of the delay and the whole") {
  const retry_settings policy;
  CHECK(backoff_delay(policy, 1, lowest) == milliseconds{2'500});
  CHECK(backoff_delay(policy, 1, highest) == milliseconds{5'000});
  std::mt19937 engine{42};
  const auto random = [&] { return std::uniform_real_distribution<double>{0, 1}(engine); };
  for (int i = 0; i < 10'000; ++i) {
    const auto delay = backoff_delay(policy, 9, random);
    REQUIRE(delay >= seconds{150});
    REQUIRE(delay <= seconds{300});
  }
}

TEST_CASE("the class of a failure decides whether it may be retried at all") {
  for (const auto kind :
       {error_class::timeout, error_class::connection, error_class::rate_limited,
        error_class::unavailable, error_class::server_error, error_class::worker_lost,
        error_class::no_image}) {
    INFO(to_string(kind));
    CHECK(decide(failed_job(), kind).will_retry);
  }
  for (const auto kind :
       {error_class::invalid_input, error_class::authentication, error_class::permission,
        error_class::not_found, error_class::quota_exceeded, error_class::safety_blocked,
        error_class::cancelled, error_class::internal_bug}) {
    INFO(to_string(kind));
    CHECK_FALSE(decide(failed_job(), kind).will_retry);
  }
}

TEST_CASE("a job that has used its retries is a dead letter") {
  CHECK(decide(failed_job(2), error_class::timeout).will_retry);
  CHECK_FALSE(decide(failed_job(3), error_class::timeout).will_retry);
}

TEST_CASE("the service's ceiling bounds what a job asks for") {
  job greedy = failed_job(3);
  greedy.request.max_retries = 100;
  CHECK_FALSE(decide(greedy, error_class::timeout).will_retry);
}

TEST_CASE("a missing picture is tried once more, not again") {
  job j = failed_job(1);
  j.attempts.resize(1);
  j.attempts[0].error.kind = error_class::timeout;
  CHECK(decide(j, error_class::no_image).will_retry);
  j.attempts[0].error.kind = error_class::no_image;
  CHECK_FALSE(decide(j, error_class::no_image).will_retry);
}

TEST_CASE("a rate limit that names its end refunds the attempt, however often it comes") {
  const retry_decision decision = decide(failed_job(3), error_class::rate_limited, seconds{47});
  CHECK(decision.will_retry);
  CHECK(decision.refund);
  CHECK(decision.due_at == now + seconds{47});
}

TEST_CASE("a rate limit without an end counts as an attempt") {
  CHECK_FALSE(decide(failed_job(), error_class::rate_limited).refund);
  CHECK_FALSE(decide(failed_job(3), error_class::rate_limited).will_retry);
}

TEST_CASE("no retry comes before the provider's own time, even beyond the cap") {
  const retry_decision decision = decide(failed_job(), error_class::unavailable, seconds{900});
  CHECK(decision.due_at >= now + seconds{900});
  const job j = failed_job();
  const retry_decision late =
      decide_retry(j, {error_class::rate_limited, "", seconds{100}}, settings{}, now, highest);
  CHECK(late.due_at > now + seconds{109});
  CHECK(late.due_at <= now + seconds{110});
  // Those who wait for the next day come back within a minute.
  const seconds day{86'400};
  const retry_decision tomorrow =
      decide_retry(j, {error_class::held, "", day}, settings{}, now, highest);
  CHECK(tomorrow.due_at > now + day);
  CHECK(tomorrow.due_at <= now + day + seconds{60});
}

TEST_CASE("a job that has lost its worker three times is a dead letter") {
  job j = failed_job();
  CHECK(decide(j, error_class::worker_lost).due_at == now + settings{}.retry_delay);
  j.crashes = 1;
  CHECK(decide(j, error_class::worker_lost).will_retry);
  j.crashes = 2;
  CHECK_FALSE(decide(j, error_class::worker_lost).will_retry);
}

TEST_CASE(
    "a job that ran alone is not blamed for a loss that nobody saw, but comes back later each time"
) {
  job j = failed_job();
  j.worker_id = "1f3a.quarantine.stayler/worker-1";
  j.crashes = 2;
  const auto first = decide(j, error_class::worker_lost);
  CHECK(first.will_retry);
  CHECK(first.due_at == now + 2 * settings{}.retry_delay);
  j.crashes = 3;
  CHECK(decide(j, error_class::worker_lost).due_at == now + 4 * settings{}.retry_delay);
  j.crashes = 8;
  CHECK(decide(j, error_class::worker_lost).will_retry);
  j.crashes = 9;
  CHECK_FALSE(decide(j, error_class::worker_lost).will_retry);
}

TEST_CASE("a call of unknown fate is paid for again once, and no more by default") {
  job lost = failed_job();
  lost.token = fencing_token{1};
  lost.calls.push_back({fencing_token{1}, call_state::open, {}, {}, error_class::none});
  CHECK(ambiguous_calls_of(lost) == 1);
  CHECK(decide(lost, error_class::worker_lost).will_retry);
  lost.ambiguous_calls = 1;
  CHECK_FALSE(decide(lost, error_class::worker_lost).will_retry);
  lost.calls.back().state = call_state::settled;
  CHECK(decide(lost, error_class::worker_lost).will_retry);
  lost.calls.back() = {fencing_token{0}, call_state::open, {}, {}, error_class::none};
  CHECK(ambiguous_calls_of(lost) == 1);
}
