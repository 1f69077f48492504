// SPDX-License-Identifier: MIT
// The provider enforces a quota of requests per minute that nobody has told the service: it finds
// the quota, uses it, and no job pays for that. Takes two and a half minutes of real time.
#include "tests/e2e/support/quota_use.hpp"
#include "tests/e2e/support/service_stack.hpp"

#include <iostream>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t per_minute = 240;
constexpr auto measured_time = 90s;

/// More than the quota lets through until the measurement ends.
constexpr int quota_job_total = 800;

std::int64_t highest_retry_count(const service_stack& stack) {
  std::int64_t most = 0;
  stack.each_job([&](const adapters::json_value& job) {
    most = std::max(most, number_at(job, {"retryCount"}));
  });
  return most;
}

}  // namespace

TEST_CASE(
    "a quota that nobody has named is used to nine tenths, with few refusals, at no job's cost"
) {
  service_stack stack{
      {{"GEMINI_REQUESTS_PER_MINUTE", "0"},
       {"WORKER_MAX_WORKERS", "24"},
       {"WORKER_LOG_LEVEL", "warn"}},
      {"--latency", "50ms", "--requests-per-minute", std::to_string(per_minute)}};
  for (int i = 0; i < quota_job_total; ++i) {
    static_cast<void>(stack.submit({"", "user-" + std::to_string(i % 7), "", ""}));
  }
  wait_until(
      "the quota is known",
      [&] { return number_at(stack.get("/worker/provider").json(), {"requestsPerMinute"}) > 0; },
      60s
  );
  wait_for_second_minute(stack, per_minute);
  const auto [accepted, refused] = use_within(stack, measured_time);
  const auto possible = per_minute * measured_time / 1min;
  std::cout << "quota " << per_minute << " a minute: " << accepted << " of " << possible
            << " calls taken in " << measured_time / 1s << " s, " << refused << " refused\n";
  CHECK(accepted * 10 >= possible * 9);
  CHECK(refused * 20 < accepted + refused);
  CHECK(highest_retry_count(stack) == 0);
  CHECK(stack.metric("worker_jobs_failed") == 0);
  // There was always something to do: else the figures would say nothing.
  CHECK(number_at(stack.get("/worker/status").json(), {"completedJobs"}) < quota_job_total);
}
