// SPDX-License-Identifier: MIT
// Every fault that the sim can inject ends in its error class, is retried or not, and is counted.
#include "tests/e2e/support/service_stack.hpp"

#include <algorithm>
#include <utility>

using namespace stayler;
using namespace stayler::test;

namespace {

constexpr std::int64_t most_retries = 2;

/// What becomes of a job whose every call meets the fault, and how many calls are made for it.
struct row {
  std::string fault;
  std::string error;  ///< its class, empty where the job completes
  std::int64_t calls;
};

constexpr std::int64_t never = 1;
constexpr std::int64_t once = 2;
constexpr std::int64_t always = 1 + most_retries;

const std::vector<row> rows{
    {"400", "invalid_input", never},
    {"400-region", "permission", never},
    {"401", "authentication", never},
    {"402", "quota_exceeded", never},
    {"403", "permission", never},
    {"404", "not_found", never},
    {"408", "timeout", always},
    {"413", "invalid_input", never},
    {"429-bare", "rate_limited", always},
    {"quota-zero", "quota_exceeded", never},
    {"499", "cancelled", never},
    {"500", "server_error", always},
    {"502", "unavailable", always},
    {"503", "unavailable", always},
    {"504", "timeout", always},
    {"502-html", "unavailable", always},
    {"latency=100ms", "", 1},
    {"slow-body=100ms", "", 1},
    {"hang", "timeout", always},
    {"reset", "connection", always},
    {"truncate", "server_error", always},
    {"broken-json", "server_error", always},
    {"finish", "no_image", once},
    {"safety", "safety_blocked", never},
    {"prohibited", "safety_blocked", never},
    {"recitation", "safety_blocked", never},
    {"image-other", "no_image", once},
    {"no-image-reason", "no_image", once},
    {"max-tokens", "no_image", once},
    {"malformed-response", "server_error", always},
    {"language", "invalid_input", never},
    {"no-image", "no_image", once},
    {"prompt-block", "safety_blocked", never},
    {"empty-candidates", "no_image", once},
    {"bad-image", "no_image", once},
    {"flat-image", "no_image", once},
    {"echo-image", "no_image", once},
    {"tiny-image", "no_image", once},
    {"thought-only", "no_image", once},
    {"thought-then-image", "", 1},
};

std::string quoted(std::int64_t number) {
  return R"(,"maxRetries":)" + std::to_string(number);
}

std::size_t attempts_of(const adapters::json_value& job) {
  const auto* attempts = at(job, {"attempts"}).as<adapters::json_value::array>();
  REQUIRE(attempts != nullptr);
  return attempts->size();
}

}  // namespace

TEST_CASE("each fault of the provider ends a job as the error table says") {
  service_stack stack{{{"GEMINI_TIMEOUT", "0.5"}, {"GEMINI_BREAKER_PERCENT", "0"}}};
  double failed = 0;
  std::int64_t calls_before = 0;
  for (const auto& each : rows) {
    INFO(each.fault);
    const auto id = stack.submit({"", "ann", "[[sim:" + each.fault + "]]", quoted(most_retries)});
    const auto job = stack.final_job(id);
    INFO(stack.get("/worker/jobs/" + id).body);
    failed += each.error.empty() ? 0 : 1;
    CHECK(text_at(job, {"status"}) == (each.error.empty() ? "completed" : "failed"));
    CHECK(text_at(job, {"error", "class"}) == each.error);
    CHECK(number_at(job, {"retryCount"}) == each.calls - 1);
    CHECK(attempts_of(job) == static_cast<std::size_t>(each.calls));
    const auto calls = stack.sim_count({"generateCalls"});
    CHECK(calls - calls_before == each.calls);
    calls_before = calls;
  }
  CHECK(stack.metric("worker_jobs_failed") == failed);
  CHECK(stack.metric("stayler_gemini_requests_total") == static_cast<double>(calls_before));
}

TEST_CASE("a job survives every retryable fault that passes") {
  service_stack stack{{{"GEMINI_TIMEOUT", "0.5"}, {"GEMINI_BREAKER_PERCENT", "0"}}};
  for (const auto& each : rows) {
    if (each.calls == 1) {
      continue;
    }
    INFO(each.fault);
    const auto id = stack.submit({"", "ann", "[[sim:" + each.fault + " x1]]", quoted(1)});
    const auto job = stack.final_job(id);
    INFO(stack.get("/worker/jobs/" + id).body);
    CHECK(text_at(job, {"status"}) == "completed");
    CHECK(number_at(job, {"retryCount"}) == 1);
    CHECK(text_at(job, {"attempts", "0", "error", "class"}) == each.error);
  }
}

TEST_CASE("when the day's quota is used up jobs wait for the next day, and cost no attempt") {
  service_stack stack;
  const auto first = stack.submit({"", "ann", "[[sim:quota]]", ""});
  const auto waits_until = [&](const std::string& id) {
    const auto job = stack.get("/worker/jobs/" + id).json();
    return text_at(job, {"status"}) == "scheduled" ? text_at(job, {"dueAt"}) : std::string{};
  };
  wait_until("the job waits", [&] { return !waits_until(first).empty(); });
  CHECK(number_at(stack.get("/worker/jobs/" + first).json(), {"retryCount"}) == 0);
  const auto provider = stack.get("/worker/provider").json();
  CHECK(text_at(provider, {"closedUntil"}) <= waits_until(first));
  // Nobody else is sent to be refused.
  static_cast<void>(stack.submit());
  wait_until("health says so", [&] {
    const auto health = stack.get("/worker/health").json();
    return text_at(health, {"checks", "gemini", "status"}) == "degraded";
  });
  CHECK(stack.sim_count({"generateCalls"}) == 1);
}

TEST_CASE("a picture of no use is paid for once more at most, and the job says what was wrong") {
  service_stack stack;
  const std::vector<std::pair<std::string, std::string>> reasons{
      {"flat-image", "is one flat colour"},
      {"echo-image", "is input picture 1 again"},
      {"tiny-image", "is too small: "},
  };
  for (const auto& [fault, reason] : reasons) {
    INFO(fault);
    const auto lost = stack.submit({"", "ann", "[[sim:" + fault + " x2]]", quoted(most_retries)});
    const auto failed = stack.final_job(lost);
    INFO(stack.get("/worker/jobs/" + lost).body);
    CHECK(text_at(failed, {"status"}) == "failed");
    CHECK(text_at(failed, {"error", "class"}) == "no_image");
    CHECK(holds(text_at(failed, {"error", "message"}), reason));
    CHECK(attempts_of(failed) == 2);
    const auto id = stack.submit({"", "ann", "[[sim:" + fault + " x1]]", quoted(most_retries)});
    const auto job = stack.final_job(id);
    CHECK(text_at(job, {"status"}) == "completed");
    CHECK(holds(text_at(job, {"attempts", "0", "error", "message"}), reason));
    CHECK(attempts_of(job) == 2);
  }
}

TEST_CASE("a rate limit with a time to wait costs no attempt, and is waited for") {
  service_stack stack;
  const auto id = stack.submit({"", "ann", "[[sim:429 retry=700ms x2]]", quoted(0)});
  const auto began = std::chrono::steady_clock::now();
  const auto job = stack.final_job(id);
  const auto took = std::chrono::steady_clock::now() - began;
  INFO(stack.get("/worker/jobs/" + id).body);
  CHECK(text_at(job, {"status"}) == "completed");
  CHECK(number_at(job, {"retryCount"}) == 0);
  CHECK(text_at(job, {"attempts", "0", "error", "class"}) == "rate_limited");
  CHECK(stack.sim_count({"generateCalls"}) == 3);
  CHECK(took >= std::chrono::milliseconds{1'400});
}

TEST_CASE("a provider that is away is waited for") {
  service_stack stack{{{"RETRY_MAX_RETRIES", "20"}, {"WORKER_MAX_RETRIES", "20"}}};
  stack.sim().signal(SIGSTOP);
  CHECK(stack.get("/health/live").status == 200);
  const auto id = stack.submit();
  stack.sim().signal(SIGCONT);
  CHECK(text_at(stack.final_job(id), {"status"}) == "completed");
  REQUIRE(stack.sim().stop() == 0);
  const auto lost = stack.submit({"", "ann", "", quoted(1)});
  const auto job = stack.final_job(lost);
  CHECK(text_at(job, {"status"}) == "failed");
  CHECK(text_at(job, {"error", "class"}) == "connection");
}
