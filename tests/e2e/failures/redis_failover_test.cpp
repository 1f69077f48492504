// SPDX-License-Identifier: MIT
// The Redis behind a queue goes away under load, each in the way that it is run: behind a Unix
// socket, in a cluster, watched by a Sentinel. The service stays, jobs go on, none is lost, and no
// picture is paid for twice.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/servers/redis/redis_cluster.hpp"
#include "tests/support/servers/redis/redis_sentinel.hpp"

#include <functional>
#include <set>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t batches = 20;
constexpr std::size_t jobs_per_batch = 25;
constexpr int conversions = 8;

/// Jobs that need no provider.
std::string batch_body(const std::string& image) {
  std::string jobs;
  for (std::size_t i = 0; i < jobs_per_batch; ++i) {
    jobs += jobs.empty() ? "" : ",";
    jobs += R"({"type":"image_processing","userId":"user-)" + std::to_string(i % 7)
            + R"(","payload":{"imageId":")" + image
            + R"(","options":{"operations":[{"type":"thumbnail","size":16}]}}})";
  }
  return R"({"jobs":[)" + jobs + "]}";
}

/// Makes a submission until all its jobs are taken, as a client does that is answered 503.
std::set<std::string> submit_patiently(
    const service_stack& stack, const std::string& body, const std::string& key
) {
  std::set<std::string> accepted;
  wait_until("a batch is taken", [&] {
    const auto answer = stack.call(
        "POST", "/worker/jobs/batch", body,
        {"Content-Type: application/json", "Idempotency-Key: " + key}
    );
    INFO(answer.body);
    REQUIRE((answer.status == 200 || answer.status == 503));
    const auto taken = answer.json();
    if (const auto* jobs = at(taken, {"jobs"}).as<adapters::json_value::array>()) {
      for (const auto& job : *jobs) {
        accepted.insert(text_at(job, {"id"}));
      }
      accepted.erase("");
    }
    return accepted.size() == jobs_per_batch;
  });
  return accepted;
}

/// Has a fault happen in the middle of the load, while calls to the provider are under way.
void check_survives(
    const std::string& redis_url, const std::function<void(service_stack&)>& fault
) {
  service_stack stack{
      {{"QUEUE_BACKEND", "redis"},
       {"REDIS_URL", redis_url},
       {"WORKER_MAX_WORKERS", "16"},
       {"GEMINI_TIMEOUT", "60"}},
      {"--latency", "1s"}};
  const auto image = stack.upload(as_text(make_picture({image_format::jpeg, 32, 32})));
  std::set<std::string> accepted;
  for (int i = 0; i < conversions; ++i) {
    accepted.insert(stack.submit());
  }
  wait_until("the calls are under way", [&] {
    return stack.sim_count({"inFlight"}) == conversions;
  });
  for (std::size_t i = 0; i < batches; ++i) {
    if (i == batches / 4) {
      fault(stack);
    }
    accepted.merge(submit_patiently(stack, batch_body(image), "batch-" + std::to_string(i)));
  }
  REQUIRE(accepted.size() == batches * jobs_per_batch + conversions);
  stack.wait_for_quiet(60s);
  const auto states = job_states([&](const std::string& path) { return stack.get(path).json(); });
  CHECK(states.size() == accepted.size());
  for (const std::string& id : accepted) {
    const auto found = states.find(id);
    REQUIRE(found != states.end());
    CHECK(found->second == "completed");
  }
  CHECK(stack.sim_count({"generateCalls"}) == conversions);
  CHECK(stack.get("/health/ready").status == 200);
  CHECK(stack.worker().stop() == 0);
}

}  // namespace

TEST_CASE("a Redis behind a Unix socket may restart under load") {
  redis_process redis;
  check_survives("unix://" + redis.socket_path(), [&redis](service_stack&) {
    redis.stop();
    redis.start();
  });
}

TEST_CASE("the owner of a queue in a cluster may be killed under load") {
  redis_cluster cluster{"{stayler}"};
  check_survives(cluster.bystander().url(), [&cluster](service_stack&) { cluster.kill_owner(); });
  CHECK(cluster.is_owner(cluster.replica().port()));
}

TEST_CASE("a master that a Sentinel watches may be killed under load") {
  redis_sentinel redis;
  check_survives(redis.url(), [&redis](service_stack&) { redis.kill_master(); });
  CHECK(redis.master_port() == redis.replica().port());
}

TEST_CASE("the password of Redis may change under load, and costs no picture") {
  const redis_process redis;
  const auto set_password = [&redis](const std::string& password) {
    tell_redis(
        redis.port(), {"ACL", "SETUSER", "stayler", "on", "resetpass", ">" + password, "~*", "&*",
                       "+@all", "-@dangerous"}
    );
  };
  set_password("first-word");
  const std::string url = "redis://stayler:first-word@127.0.0.1:" + std::to_string(redis.port());
  check_survives(url, [&](service_stack& stack) {
    set_password("other-word");
    tell_redis(redis.port(), {"CLIENT", "KILL", "USER", "stayler"});
    wait_until("a picture waits, and it is said why", [&] {
      const std::string said = stack.worker().output();
      return holds(said, "a picture that was made has to wait") && holds(said, "WRONGPASS");
    });
    set_password("first-word");
  });
}

TEST_CASE("a Redis that refuses the login ends the start, and one that is away does not") {
  const redis_process redis{{"--requirepass", "right"}};
  const temporary_folder folder;
  auto settings = worker_environment(folder.path() / "data", "http://127.0.0.1:9");
  settings["QUEUE_BACKEND"] = "redis";
  settings["REDIS_URL"] = "redis://:wr0ng-word@127.0.0.1:" + std::to_string(redis.port());
  const auto refused = run_program(STAYLER_WORKER, {}, settings);
  INFO(refused.output);
  CHECK(refused.exit_code == 1);
  CHECK(holds(refused.output, "REDIS_URL: Redis: WRONGPASS"));
  CHECK_FALSE(holds(refused.output, "wr0ng-word"));

  settings["REDIS_URL"] = "redis://127.0.0.1:1";
  service_process waiting{STAYLER_WORKER, {}, settings, folder.path() / "log"};
  CHECK(holds(waiting.output(), "waiting for Redis"));
  CHECK(exchange("GET", waiting.url() + "/health/live").status == 200);
  CHECK(waiting.stop() == 0);
}

TEST_CASE("a parameter of the Redis URL that nobody knows is named") {
  const auto refused = run_program(
      STAYLER_WORKER, {"--check-config"}, {{"REDIS_URL", "redis://:wr0ng-word@host?timeout=2"}}
  );
  INFO(refused.output);
  CHECK(refused.exit_code == 2);
  CHECK(holds(refused.output, "REDIS_URL"));
  CHECK(holds(refused.output, "the parameter 'timeout' is not known, only db"));
  CHECK_FALSE(holds(refused.output, "wr0ng-word"));
}
