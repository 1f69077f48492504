// SPDX-License-Identifier: MIT
// A pause comes to its end by itself: over a restart, and on every coordinator of a queue,
// whichever of them was asked for it.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/event_follower.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <thread>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

const std::string pause_path = "/worker/types/image_conversion/pause";

/// The one pause that the service shows.
adapters::json_value shown_pause(const service_stack& stack) {
  const auto status = stack.get("/worker/status").json();
  REQUIRE(size_at(status, {"pauses"}) == 1);
  return at(status, {"pauses", "0"});
}

}  // namespace

TEST_CASE("a pause outlives a restart, and one that ends meanwhile is over at the start") {
  service_stack stack;
  const auto pause = [&](const std::string& body) {
    REQUIRE(stack.call("POST", pause_path, body).status == 200);
    return shown_pause(stack);
  };
  const auto long_one = pause(R"({"for":"1h","reason":"switching \"keys\""})");
  const auto waiting = stack.submit();
  stack.worker().stop();
  stack.start_worker();
  CHECK(text_at(shown_pause(stack), {"until"}) == text_at(long_one, {"until"}));
  CHECK(text_at(shown_pause(stack), {"reason"}) == "switching \"keys\"");
  CHECK(text_at(stack.get("/worker/jobs/" + waiting).json(), {"status"}) == "pending");
  const auto short_one = pause(R"({"for":"2s"})");
  CHECK(text_at(short_one, {"since"}) == text_at(long_one, {"since"}));
  stack.worker().stop();
  const auto until = parse_rfc3339(text_at(short_one, {"until"}));
  REQUIRE(until);
  // Nothing but time has to pass: nobody is there who could say that it has.
  std::this_thread::sleep_until(std::chrono::system_clock::time_point{until->time_since_epoch()});
  stack.start_worker();
  CHECK(text_at(stack.final_job(waiting), {"status"}) == "completed");
  CHECK(size_at(stack.get("/worker/status").json(), {"pauses"}) == 0);
}

TEST_CASE("a pause ends on every coordinator, and their followers are told of it once") {
  const redis_process redis;
  const temporary_folder folder;
  const environment shared{
      {"QUEUE_BACKEND", "redis"},
      {"REDIS_URL", redis.url()},
      // What gives jobs out at the end of a pause is the end, and not that somebody looks.
      {"WORKER_POLL_INTERVAL", "1h"},
      {"WORKER_DATA_DIR", (folder.path() / "data").string()}};
  service_stack stack{shared};
  environment others = worker_environment(folder.path() / "data", stack.sim().url());
  for (const auto& [name, value] : shared) {
    others[name] = value;
  }
  service_process other{STAYLER_WORKER, {}, others, folder.path() / "other.log"};
  wait_until("the other is ready", [&] {
    return exchange("GET", other.url() + "/health/ready").status == 200;
  });
  // It takes no jobs: those that wait are the other one's.
  REQUIRE(stack.call("POST", "/worker/stop", "").status == 200);
  event_follower follower{stack.worker().url(), "/worker/events?type=image_conversion"};
  const auto made = stack.call("POST", pause_path, R"({"for":"6s","reason":"keys"})");
  REQUIRE(made.status == 200);
  const auto submitted = exchange(
      "POST", other.url() + "/worker/jobs", stack.job_body(), {"Content-Type: application/json"}
  );
  REQUIRE(submitted.status == 201);
  const auto path = "/worker/jobs/" + text_at(submitted.json(), {"id"});
  wait_until("the other says why its job waits", [&] {
    const auto waiting = exchange("GET", other.url() + path).json();
    return text_at(waiting, {"waiting", "pause", "reason"}) == "keys";
  });
  wait_until("the job is completed", [&] {
    return text_at(exchange("GET", other.url() + path).json(), {"status"}) == "completed";
  });
  CHECK(size_at(stack.get("/worker/status").json(), {"pauses"}) == 0);
  int pauses = 0;
  int resumes = 0;
  std::string last;
  while (!holds(last, R"("completed")")) {
    const auto event = follower.next();
    REQUIRE(event);
    last = event->data;
    pauses += event->name == "pause" ? 1 : 0;
    resumes += event->name == "resume" ? 1 : 0;
  }
  CHECK(pauses == 1);
  CHECK(resumes == 1);
}
