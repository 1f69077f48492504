// SPDX-License-Identifier: MIT
// What fails is started again and counted; who asks the process to stop gets an orderly end.
#include "tests/e2e/support/service_stack.hpp"

#include <csignal>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

void make_fail(const service_stack& stack, const std::string& actor) {
  const auto answer = stack.call("POST", "/worker/chaos/fault", R"({"actor":")" + actor + R"("})");
  INFO(answer.body);
  REQUIRE(answer.status == 200);
}

std::string worker_of(const service_stack& stack, const std::string& job) {
  return text_at(stack.get("/worker/jobs/" + job).json(), {"workerId"});
}

std::int64_t restarts_of(const service_stack& stack, const std::string& worker) {
  const auto answer = stack.get("/worker/workers").json();
  for (const auto& each : *at(answer, {"workers"}).as<adapters::json_value::array>()) {
    if (text_at(each, {"workerId"}) == worker) {
      return number_at(each, {"restarts"});
    }
  }
  return -1;
}

}  // namespace

TEST_CASE("a worker that fails in the middle of a job is restarted and the job completes") {
  service_stack stack{{}, {"--latency", "500ms"}};
  const auto id = stack.submit();
  wait_until("the call is under way", [&] { return stack.sim_count({"inFlight"}) == 1; });
  const auto worker = worker_of(stack, id);
  make_fail(stack, worker);
  const auto job = stack.final_job(id);
  INFO(stack.get("/worker/jobs/" + id).body);
  CHECK(text_at(job, {"status"}) == "completed");
  CHECK(number_at(job, {"crashes"}) == 1);
  CHECK(number_at(job, {"retryCount"}) == 0);
  CHECK(text_at(job, {"attempts", "0", "error", "class"}) == "worker_lost");
  CHECK(restarts_of(stack, worker) == 1);
  CHECK(stack.metric("stayler_actor_restarts_total", R"(actor="worker")") == 1);
  CHECK(stack.metric("worker_jobs_completed") == 1);
}

TEST_CASE(
    "a job whose worker fails twice is tried alone, and completes where it does not fail there"
) {
  service_stack stack{
      {{"WORKER_MAX_WORKERS", "1"}, {"WORKER_MAX_AMBIGUOUS_CALLS", "9"}}, {"--latency", "3s"}};
  const auto id = stack.submit();
  for (std::int64_t crash = 1; crash <= 2; ++crash) {
    wait_until("the call is under way", [&] {
      const auto job = stack.get("/worker/jobs/" + id).json();
      return size_at(job, {"providerCalls"}) == crash
             && text_at(job, {"progress", "stage"}) == "converting";
    });
    make_fail(stack, worker_of(stack, id));
    wait_until("the loss is counted", [&] {
      return number_at(stack.get("/worker/jobs/" + id).json(), {"crashes"}) == crash;
    });
  }
  const auto job = stack.final_job(id);
  CHECK(text_at(job, {"status"}) == "completed");
  CHECK(number_at(job, {"crashes"}) == 2);
  CHECK(text_at(job, {"workerId"}).ends_with(".quarantine.stayler/worker-1"));
  CHECK(stack.metric("stayler_actor_restarts_total", R"(actor="worker")") == 2);
}

TEST_CASE("a core actor that fails is restarted and jobs go on") {
  service_stack stack;
  for (const std::string actor :
       {"metrics", "provider_limits", "gemini_client", "record_io", "blob_store", "image_processor",
        "notifier", "retry_scheduler", "queue"}) {
    INFO(actor);
    const auto body = stack.job_body();
    make_fail(stack, actor);
    std::string id;
    // While something restarts a caller is told to come again: 503.
    wait_until("a job is taken", [&] {
      const auto answer = stack.call("POST", "/worker/jobs", body);
      REQUIRE((answer.status == 201 || answer.status == 200 || answer.status == 503));
      id = answer.status == 503 ? "" : text_at(answer.json(), {"id"});
      return !id.empty();
    });
    CHECK(text_at(stack.final_job(id), {"status"}) == "completed");
  }
  CHECK(stack.worker().stop() == 0);
}

TEST_CASE("a core actor that fails again and again ends the process with an error") {
  service_stack stack{{{"WORKER_MAX_RESTARTS", "4"}}};
  // Between its failures the actor is not there for a while: a fault may find nobody.
  wait_until("the service gives up", [&] {
    static_cast<void>(stack.call("POST", "/worker/chaos/fault", R"({"actor":"metrics"})"));
    return stack.get("/health/live").curl_code != 0;
  });
  CHECK(stack.worker().wait(30s) == 1);
  CHECK(holds(stack.worker().output(), "given up"));
}

TEST_CASE("SIGTERM and SIGINT in the middle of the load end the process in order") {
  const int signal = GENERATE(SIGTERM, SIGINT);
  service_stack stack{
      {{"WORKER_MAX_WORKERS", "4"}, {"WORKER_SHUTDOWN_TIMEOUT", "10s"}}, {"--latency", "400ms"}};
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(stack.submit());
  }
  wait_until("some jobs are done and some run", [&] {
    return stack.metric("worker_jobs_completed") >= 2 && stack.sim_count({"inFlight"}) > 0;
  });
  const auto began = std::chrono::steady_clock::now();
  stack.worker().signal(signal);
  CHECK(stack.worker().wait(20s) == 0);
  CHECK(std::chrono::steady_clock::now() - began < 10s);
  // Those that ran were finished: no call was dropped, none made in vain.
  CHECK(stack.sim_count({"inFlight"}) == 0);
  CHECK(stack.sim_count({"generateCalls"}) == stack.sim_count({"images"}));
}

TEST_CASE("running jobs get the shutdown's time and no more") {
  service_stack stack{{{"WORKER_SHUTDOWN_TIMEOUT", "300ms"}}, {"--latency", "30s"}};
  static_cast<void>(stack.submit());
  wait_until("the call is under way", [&] { return stack.sim_count({"inFlight"}) == 1; });
  const auto began = std::chrono::steady_clock::now();
  CHECK(stack.worker().stop() == 0);
  CHECK(std::chrono::steady_clock::now() - began < 5s);
}

TEST_CASE("a second signal ends the process at once") {
  service_stack stack{{{"WORKER_SHUTDOWN_TIMEOUT", "60s"}}, {"--latency", "60s"}};
  static_cast<void>(stack.submit());
  wait_until("the call is under way", [&] { return stack.sim_count({"inFlight"}) == 1; });
  stack.worker().signal(SIGTERM);
  wait_until("the first signal is seen", [&] {
    return holds(stack.worker().output(), "signal received signal=15");
  });
  stack.worker().signal(SIGTERM);
  CHECK(stack.worker().wait(5s) == 128 + SIGTERM);
}

TEST_CASE("POST stop drains and refuses jobs until POST start") {
  service_stack stack{{}, {"--latency", "200ms"}};
  const auto id = stack.submit();
  wait_until("the call is under way", [&] { return stack.sim_count({"inFlight"}) == 1; });
  CHECK(stack.call("POST", "/worker/start").status == 409);
  CHECK(stack.call("POST", "/worker/stop?timeout=10s").status == 200);
  CHECK(text_at(stack.get("/worker/jobs/" + id).json(), {"status"}) == "completed");
  CHECK(text_at(stack.get("/worker/status").json(), {"state"}) == "stopped");
  CHECK(stack.call("POST", "/worker/stop").status == 409);
  wait_until("the probes say so", [&] { return stack.get("/health/ready").status == 503; });
  const auto refused = stack.call("POST", "/worker/jobs", stack.job_body());
  CHECK(refused.status == 503);
  CHECK_FALSE(header_of(refused, "retry-after").empty());
  CHECK(stack.call("POST", "/worker/start").status == 200);
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
}

TEST_CASE("rescaling under load loses nothing") {
  service_stack stack{{{"WORKER_MAX_WORKERS", "8"}}, {"--latency", "50ms"}};
  std::vector<std::string> ids;
  for (int i = 0; i < 60; ++i) {
    ids.push_back(stack.submit());
    if (i % 10 == 0) {
      const std::string workers = i % 20 == 0 ? "1" : "8";
      REQUIRE(
          stack.call("PUT", "/worker/config", R"({"maxWorkers":)" + workers + "}").status == 200
      );
    }
  }
  for (const auto& id : ids) {
    const auto job = stack.final_job(id);
    CHECK(text_at(job, {"status"}) == "completed");
    CHECK(number_at(job, {"crashes"}) == 0);
  }
  CHECK(stack.sim_count({"generateCalls"}) == 60);
}
