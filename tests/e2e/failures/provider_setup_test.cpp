// SPDX-License-Identifier: MIT

// The real programs: a setup that does not work is told before a job is lost, models stand in for
// one that has gone or fails, and jobs that can wait cost half.

#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_exchange.hpp"

#include <string>

namespace stayler::test {

namespace {

adapters::json_value setup_check_of(const service_stack& stack) {
  return at(stack.get("/worker/health").json(), {"checks", "provider_setup"});
}

void wait_for_setup(const service_stack& stack, const std::string& state) {
  wait_until("the setup is " + state, [&] {
    return text_at(setup_check_of(stack), {"status"}) == state;
  });
}

void change_settings(const service_stack& stack, const std::string& members) {
  const auto answer = stack.call("PUT", "/worker/config", R"({"gemini":{)" + members + "}}");
  INFO(answer.body);
  REQUIRE(answer.status == 200);
}

void order_fault(service_stack& stack, const std::string& order) {
  const auto answer = exchange("POST", stack.sim().url() + "/sim/faults", order);
  INFO(answer.body);
  REQUIRE(answer.status < 300);
}

}  // namespace

TEST_CASE("a key that is refused is named by health and log before the first job") {
  service_stack stack{{{"GEMINI_API_KEY", "invalid-key"}}};
  wait_for_setup(stack, "degraded");
  const auto message = text_at(setup_check_of(stack), {"message"});
  CHECK(message.starts_with("GEMINI_API_KEY is refused"));
  CHECK_FALSE(holds(message, "invalid-key"));
  CHECK(holds(stack.worker().output(), "GEMINI_API_KEY is refused"));
  CHECK(stack.get("/health/ready").status == 200);
  CHECK(stack.sim_count({"generateCalls"}) == 0);
  change_settings(stack, R"("apiKey":"good-key")");
  wait_for_setup(stack, "healthy");
}

TEST_CASE("a model that there is none of is named, and asked for again after a change") {
  service_stack stack{{{"GEMINI_MODEL", "gemini-1.5-pro"}}};
  wait_for_setup(stack, "degraded");
  CHECK(text_at(setup_check_of(stack), {"message"}).starts_with("GEMINI_MODEL: there is no model"));
  change_settings(stack, R"("model":"gemini-3-pro-image")");
  wait_for_setup(stack, "healthy");
  const auto job = stack.final_job(stack.submit());
  CHECK(text_at(job, {"result", "modelVersion"}) == "gemini-3-pro-image");
  CHECK(stack.sim_count({"generateCalls"}) == 1);
}

TEST_CASE("an address with version and collection at its end works") {
  service_stack stack;
  change_settings(
      stack, R"("apiKey":"key","baseUrl":")" + stack.sim().url() + R"(/v1beta/models/")"
  );
  CHECK(text_at(stack.get("/worker/config").json(), {"gemini", "baseUrl"}) == stack.sim().url());
  wait_for_setup(stack, "healthy");
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
}

TEST_CASE("a model that has been retired is replaced, and the result says by which") {
  service_stack stack{
      {{"GEMINI_MODEL", "gemini-1.5-pro"},
       {"GEMINI_FALLBACK_MODELS", "gemini-3-pro-image,gemini-3.1-flash-lite-image"}}};
  const auto job = stack.final_job(stack.submit());
  CHECK(text_at(job, {"status"}) == "completed");
  CHECK(number_at(job, {"retryCount"}) == 0);
  CHECK(text_at(job, {"result", "modelVersion"}) == "gemini-3-pro-image");
  const auto provider = stack.get("/worker/provider").json();
  CHECK(text_at(provider, {"model"}) == "gemini-3-pro-image");
  CHECK_FALSE(text_at(provider, {"models", "0", "retiredUntil"}).empty());
  CHECK(stack.metric("stayler_gemini_requests_total", R"(model="gemini-3-pro-image")") == 1);
  wait_until("health tells of the model that is gone", [&] {
    return text_at(stack.get("/worker/health").json(), {"checks", "gemini", "status"})
           == "degraded";
  });
}

TEST_CASE("a model that fails for some time is replaced, at the other model's price") {
  service_stack stack{
      {{"GEMINI_FALLBACK_MODELS", "gemini-3-pro-image"},
       {"WORKER_MAX_RETRIES", "10"},
       {"RETRY_MAX_RETRIES", "10"},
       {"WORKER_MAX_WORKERS", "20"}}};
  order_fault(stack, R"({"kind":"503","count":0,"model":"gemini-nano-banana-2.1"})");
  std::vector<std::string> ids;
  for (int i = 0; i < 12; ++i) {
    ids.push_back(stack.submit());
  }
  for (const std::string& id : ids) {
    const auto job = stack.final_job(id);
    INFO(id);
    REQUIRE(text_at(job, {"status"}) == "completed");
    CHECK(text_at(job, {"result", "modelVersion"}) == "gemini-3-pro-image");
    const auto& calls = *at(job, {"providerCalls"}).as<adapters::json_value::array>();
    // A picture of the other model's costs four times as much as one of the first.
    CHECK(*at(calls.back(), {"cost"}).as<double>() > 0.13);
  }
}

TEST_CASE("a job that can wait costs half, and says that it can") {
  service_stack stack;
  const auto cost_of_one = [&](const std::string& members) {
    const auto job = stack.final_job(stack.submit({"", "ann", "in red", members, false}));
    CHECK(text_at(job, {"status"}) == "completed");
    CHECK(text_at(job, {"urgency"}) == (members.empty() ? "" : "low"));
    return *at(job, {"providerCalls", "0", "cost"}).as<double>();
  };
  const double full = cost_of_one("");
  const double half = cost_of_one(R"(,"urgency":"low")");
  CHECK(half < 0.51 * full);
  CHECK(half > 0.49 * full);
}

}  // namespace stayler::test
