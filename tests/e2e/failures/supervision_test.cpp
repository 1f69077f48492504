// SPDX-License-Identifier: MIT
// An actor that is stuck in a handler cannot be stopped: it is written off and replaced, what it
// was to do is done by another, and the process ends in time all the same.
#include "tests/e2e/support/service_stack.hpp"

#include <csignal>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

const environment quick_pings{{"WORKER_PING_TIMEOUT", "2s"}};

/// From the fault until somebody else is there: the timeout and two rounds of pings, and something
/// for a busy machine.
constexpr auto replaced_within = 10s;

environment with(environment settings, const environment& changes) {
  for (const auto& [name, value] : changes) {
    settings[name] = value;
  }
  return settings;
}

void make_hang(const service_stack& stack, const std::string& actor) {
  const auto answer =
      stack.call("POST", "/worker/chaos/fault", R"({"actor":")" + actor + R"(","hangFor":"60s"})");
  INFO(answer.body);
  REQUIRE(answer.status == 200);
}

adapters::json_value child_of(const adapters::json_value& tree, const std::string& name) {
  for (const std::string group : {"core", "workers"}) {
    const auto& children = at(tree, {group, "children"});
    for (const auto& child : *children.as<adapters::json_value::array>()) {
      if (text_at(child, {"name"}) == name) {
        return child;
      }
    }
  }
  FAIL("no actor is called " << name);
  return {};
}

adapters::json_value tree_of(const service_stack& stack) {
  return stack.get("/worker/tree").json();
}

void wait_until_replaced(const service_stack& stack, const std::string& actor) {
  wait_until(
      actor + " is replaced",
      [&] {
        const auto child = child_of(tree_of(stack), actor);
        return number_at(child, {"restarts"}) == 1 && text_at(child, {"state"}) == "running";
      },
      replaced_within
  );
  const auto tree = tree_of(stack);
  CHECK(number_at(tree, {"writtenOff"}) == 1);
  CHECK(holds(text_at(child_of(tree, actor), {"lastFailure", "message"}), "has not answered for"));
}

}  // namespace

TEST_CASE("a worker that is stuck is replaced, and its job goes on within seconds") {
  service_stack stack{with(quick_pings, {{"WORKER_MAX_WORKERS", "1"}}), {"--latency", "1s"}};
  const auto id = stack.submit();
  wait_until("the call is under way", [&] { return stack.sim_count({"inFlight"}) == 1; });
  const auto began = std::chrono::steady_clock::now();
  make_hang(stack, "worker-1");
  const auto job = stack.final_job(id);
  INFO(stack.get("/worker/jobs/" + id).body);
  CHECK(std::chrono::steady_clock::now() - began < replaced_within + 5s);
  CHECK(text_at(job, {"status"}) == "completed");
  CHECK(number_at(job, {"crashes"}) == 1);
  CHECK(number_at(job, {"retryCount"}) == 0);
  CHECK(text_at(job, {"attempts", "0", "error", "class"}) == "worker_lost");
  wait_until_replaced(stack, "worker-1");
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
}

TEST_CASE("a core actor that is stuck is replaced, and jobs go on") {
  const std::string actor =
      GENERATE("notifier", "retry_scheduler", "provider_limits", "gemini_client", "queue");
  INFO(actor);
  service_stack stack{quick_pings};
  const auto body = stack.job_body();
  make_hang(stack, actor);
  wait_until_replaced(stack, actor);
  std::string id;
  wait_until("a job is taken", [&] {
    const auto answer = stack.call("POST", "/worker/jobs", body);
    id = answer.status / 100 == 2 ? text_at(answer.json(), {"id"}) : "";
    return !id.empty();
  });
  CHECK(text_at(stack.final_job(id), {"status"}) == "completed");
}

TEST_CASE("more actors that are stuck than there are threads to lose end the process") {
  service_stack stack{with(quick_pings, {{"WORKER_MAX_WORKERS", "8"}})};
  for (int number = 1; number <= 8; ++number) {
    // From some point on nobody is left to answer.
    const std::string worker = "worker-" + std::to_string(number);
    static_cast<void>(stack.call(
        "POST", "/worker/chaos/fault", R"({"actor":")" + worker + R"(","hangFor":"5m"})",
        {"Content-Type: application/json"}, 300ms
    ));
  }
  CHECK(stack.worker().wait(60s) == 1);
  CHECK(holds(stack.worker().output(), "giving up"));
}

TEST_CASE("the process ends in time although an actor is stuck, and keeps what was accepted") {
  // The pings come too late: it is the shutdown that meets the stuck actor.
  const std::string actor = GENERATE("worker-1", "notifier", "retry_scheduler", "queue");
  INFO(actor);
  service_stack stack{
      {{"WORKER_SHUTDOWN_TIMEOUT", "1s"}, {"WORKER_MAX_WORKERS", "1"}}, {"--latency", "1s"}};
  const auto id = stack.submit();
  wait_until("the call is under way", [&] { return stack.sim_count({"inFlight"}) == 1; });
  make_hang(stack, actor);
  const auto began = std::chrono::steady_clock::now();
  stack.worker().signal(SIGTERM);
  CHECK(stack.worker().wait(30s) == 0);
  const auto took = std::chrono::steady_clock::now() - began;
  INFO(std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms");
  CHECK(took < 25s);
  stack.start_worker();
  CHECK(text_at(stack.final_job(id), {"status"}) == "completed");
}
