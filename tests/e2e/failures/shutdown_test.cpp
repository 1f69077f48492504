// SPDX-License-Identifier: MIT
// The end of the process: in the order that is promised, whatever it was doing, and in time.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <algorithm>
#include <csignal>
#include <iostream>
#include <random>
#include <sstream>
#include <thread>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// The names of the actors in the lines that say this, in their order.
std::vector<std::string> actors_in(const std::string& output, const std::string& what) {
  std::vector<std::string> names;
  std::istringstream lines{output};
  for (std::string line; std::getline(lines, line);) {
    const auto mark = line.find("actor=");
    if (holds(line, what) && mark != std::string::npos) {
      names.push_back(line.substr(mark + 6, line.find(' ', mark) - mark - 6));
    }
  }
  return names;
}

}  // namespace

TEST_CASE("the program ends its actors in the order that is promised") {
  service_stack stack{{{"WORKER_LOG_LEVEL", "debug"}}};
  REQUIRE(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
  REQUIRE(stack.worker().stop() == 0);
  const std::string output = stack.worker().output();
  CHECK(
      actors_in(output, "ending an actor")
      == std::vector<std::string>{
          "node_gateway", "alert_watch", "workload_watch", "health", "user_data", "queue", "retry_scheduler", "gemini_client", "provider_limits", "result_cache",
          "image_processor", "image_library", "notifier", "record_io", "blob_store", "metrics"}
  );
  CHECK(
      actors_in(output, "flushing an actor") == std::vector<std::string>{"notifier", "record_io"}
  );
  const auto stopped = output.find("stopped");
  CHECK(output.find("shutting down") < output.find("ending an actor"));
  CHECK(output.rfind("ending an actor") < stopped);
}

TEST_CASE("SIGTERM while the program starts ends it, never leaves it hanging") {
  std::mt19937 random{std::random_device{}()};
  // From before its first line to some time after it serves.
  std::uniform_int_distribution<int> delay{0, 120'000};
  int in_order = 0;
  constexpr int rounds = 40;
  for (int round = 0; round < rounds; ++round) {
    const temporary_folder folder;
    const std::chrono::microseconds pause{delay(random)};
    INFO("after " << pause.count() << " us");
    service_process worker{
        STAYLER_WORKER,
        {},
        worker_environment(folder.path() / "data", "http://127.0.0.1:9"),
        folder.path() / "log",
        service_process::awaited::nothing};
    // No event marks a moment in which nothing can be said yet.
    std::this_thread::sleep_for(pause);
    worker.signal(SIGTERM);
    const int code = worker.wait(20s);
    INFO(worker.output());
    CHECK((code == 0 || code == 128 + SIGTERM));
    in_order += code == 0 ? 1 : 0;
  }
  std::cout << in_order << " of " << rounds << " starts ended in order, the others at once\n";
}

TEST_CASE("SIGTERM while Redis hangs ends the process soon after its shutdown's time") {
  const redis_process redis;
  service_stack stack{
      {{"QUEUE_BACKEND", "redis"},
       {"REDIS_URL", redis.url()},
       {"WORKER_MAX_WORKERS", "2"},
       {"WORKER_SHUTDOWN_TIMEOUT", "2s"}},
      {"--latency", "1s"}};
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(stack.submit());
  }
  wait_until("calls are under way", [&] { return stack.sim_count({"inFlight"}) == 2; });
  redis.pause();
  const auto began = std::chrono::steady_clock::now();
  stack.worker().signal(SIGTERM);
  const int code = stack.worker().wait(30s);
  const auto took = std::chrono::steady_clock::now() - began;
  redis.resume();
  INFO(std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms");
  INFO(stack.worker().output());
  CHECK(code == 0);
  CHECK(took < 2s + 8s);
  // Leases that could not be handed back run out.
  stack.start_worker();
  for (const auto& id : ids) {
    CHECK(text_at(stack.final_job(id, 60s), {"status"}) == "completed");
  }
}
