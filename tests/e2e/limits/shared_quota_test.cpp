// SPDX-License-Identifier: MIT
// Two coordinators on one Redis, and a provider with a quota that nobody has told either: together
// they find it and use it, as one alone would. Takes two minutes of real time.
#include "tests/e2e/support/quota_use.hpp"
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <iostream>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t shared_per_minute = 240;
constexpr auto shared_measured_time = 1min;

/// More than the quota lets through until the measurement ends.
constexpr int shared_job_total = 900;

}  // namespace

TEST_CASE("two coordinators find and use a quota together, with no more refusals than one") {
  const redis_process redis;
  const temporary_folder folder;
  const environment shared{
      {"QUEUE_BACKEND", "redis"},          {"REDIS_URL", redis.url()},
      {"GEMINI_REQUESTS_PER_MINUTE", "0"}, {"WORKER_MAX_WORKERS", "12"},
      {"WORKER_LOG_LEVEL", "warn"},        {"WORKER_DATA_DIR", (folder.path() / "data").string()}};
  service_stack stack{
      shared, {"--latency", "50ms", "--requests-per-minute", std::to_string(shared_per_minute)}};
  environment others = worker_environment(folder.path() / "data", stack.sim().url());
  for (const auto& [name, value] : shared) {
    others[name] = value;
  }
  const service_process other{STAYLER_WORKER, {}, others, folder.path() / "two.log"};
  const auto provider_of = [](const service_process& whom) {
    return exchange("GET", whom.url() + "/worker/provider").json();
  };
  const auto all_know = [&](const auto& check) {
    return check(provider_of(stack.worker())) && check(provider_of(other));
  };
  wait_until("they have met", [&] {
    return all_know([](const auto& shown) { return number_at(shown, {"coordinators"}) == 2; });
  });
  for (int i = 0; i < shared_job_total; ++i) {
    static_cast<void>(stack.submit({"", "user-" + std::to_string(i % 7), "", ""}));
  }
  wait_until(
      "both know the quota",
      [&] {
        return all_know([](const auto& shown) {
          return number_at(shown, {"requestsPerMinute"}) > 0;
        });
      },
      60s
  );
  wait_for_second_minute(stack, shared_per_minute);
  const auto [accepted, refused] = use_within(stack, shared_measured_time);
  const auto possible = shared_per_minute * (shared_measured_time / 1min);
  const auto calls_of = [&](const service_process& whom) {
    return number_at(provider_of(whom), {"calls"});
  };
  const auto calls = calls_of(stack.worker());
  const auto calls_of_other = calls_of(other);
  std::cout << "quota " << shared_per_minute << " a minute, two coordinators: " << accepted
            << " of " << possible << " calls taken in a minute, " << refused << " refused; "
            << calls << " and " << calls_of_other << " calls by each\n";
  CHECK(accepted * 10 >= possible * 9);
  CHECK(refused * 20 < accepted + refused);
  // Neither is left behind.
  CHECK(calls * 4 > calls_of_other);
  CHECK(calls_of_other * 4 > calls);
  // There was always something to do: else the figures would say nothing.
  CHECK(number_at(stack.get("/worker/status").json(), {"completedJobs"}) < shared_job_total);
}
