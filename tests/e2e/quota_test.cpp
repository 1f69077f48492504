// SPDX-License-Identifier: MIT
// The provider enforces a quota of requests per minute that nobody has told the service: it finds
// the quota, uses it, and no job pays for that. Takes two and a half minutes of real time.
#include "tests/e2e/service_stack.hpp"

#include <iostream>
#include <thread>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t per_minute = 240;
constexpr auto measured_time = 90s;

/// More than the quota lets through until the measurement ends.
constexpr int job_total = 800;

struct sample {
  std::int64_t accepted = 0;
  std::int64_t refused = 0;
};

sample look(const service_stack& stack) {
  const auto accepted = stack.sim_count({"byStatus", "200"});
  const auto refused = stack.sim_count({"byStatus", "429"});
  return {std::max<std::int64_t>(0, accepted), std::max<std::int64_t>(0, refused)};
}

std::int64_t most_retries(const service_stack& stack) {
  std::int64_t most = 0;
  std::string cursor;
  do {
    const auto page = stack.get("/worker/jobs?limit=500" + cursor).json();
    for (const auto& job : *at(page, {"jobs"}).as<adapters::json_value::array>()) {
      most = std::max(most, number_at(job, {"retryCount"}));
    }
    const std::string next = text_at(page, {"nextCursor"});
    cursor = next.empty() ? "" : "&cursor=" + next;
  } while (!cursor.empty());
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
  for (int i = 0; i < job_total; ++i) {
    static_cast<void>(stack.submit({"", "user-" + std::to_string(i % 7), "", ""}));
  }
  wait_until(
      "the quota is known",
      [&] { return number_at(stack.get("/worker/provider").json(), {"requestsPerMinute"}) > 0; },
      60s
  );
  // The first minute's calls have gone out in its first seconds: it has to pass.
  const auto first_minute = look(stack).accepted;
  wait_until(
      "calls are taken again", [&] { return look(stack).accepted > first_minute; }, 90s
  );
  const sample before = look(stack);
  // How a quota by the minute is used can only be seen as time passes.
  std::this_thread::sleep_for(measured_time);
  const sample after = look(stack);
  const auto accepted = after.accepted - before.accepted;
  const auto refused = after.refused - before.refused;
  const auto possible = per_minute * measured_time / 1min;
  std::cout << "quota " << per_minute << " a minute: " << accepted << " of " << possible
            << " calls taken in " << measured_time / 1s << " s, " << refused << " refused\n";
  CHECK(accepted * 10 >= possible * 9);
  CHECK(refused * 20 < accepted + refused);
  CHECK(most_retries(stack) == 0);
  CHECK(stack.metric("worker_jobs_failed") == 0);
  // There was always something to do: else the figures would say nothing.
  CHECK(number_at(stack.get("/worker/status").json(), {"completedJobs"}) < job_total);
}
