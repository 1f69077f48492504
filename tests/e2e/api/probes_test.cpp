// SPDX-License-Identifier: MIT

// What balancers and Kubernetes are told: who has started, and who takes work.

#include "tests/e2e/support/node_stack.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <string>

namespace stayler::test {

namespace {

using namespace std::chrono_literals;

long status_at(const std::string& url, const std::string& path) {
  return exchange("GET", url + path).status;
}

}  // namespace

TEST_CASE("an outage of Redis leaves a coordinator ready, to say when to come back") {
  redis_process redis;
  service_stack stack{{{"QUEUE_BACKEND", "redis"}, {"REDIS_URL", redis.url()}}};
  const std::string job = stack.job_body();
  const std::string api = stack.worker().url();
  const std::string probes = stack.worker().probe_url();
  CHECK(status_at(api, "/health/started") == 200);
  CHECK(status_at(probes, "/health/started") == 200);
  redis.stop();
  wait_until("the outage is seen", [&] { return status_at(api, "/health") == 503; });
  for (const std::string& url : {api, probes}) {
    for (const std::string path : {"/health/ready", "/health/started", "/health/live"}) {
      INFO(url << path);
      const auto probed = exchange("GET", url + path);
      CHECK(probed.status == 200);
      CHECK(probed.took < 1s);
    }
  }
  CHECK(status_at(api, "/worker/health") == 503);
  const auto refused = stack.call("POST", "/worker/jobs", job);
  CHECK(refused.status == 503);
  CHECK(refused.head.find("Retry-After: ") != std::string::npos);
  wait_until("the metrics say so", [&] {
    return stack.metric("stayler_health", R"(part="queue")") == 2
           && stack.metric("stayler_store_errors_total", R"(class="unavailable")") > 0;
  });
  redis.start();
  wait_until("jobs are taken again", [&] {
    return stack.call("POST", "/worker/jobs", job).status == 201;
  });
  CHECK(stack.worker().stop() == 0);
}

TEST_CASE("a node is neither started nor ready before it has joined, and both for good after") {
  node_stack stack;
  environment settings = stack.node_settings("a");
  const std::string port = std::to_string(free_port());
  const std::string url = "http://127.0.0.1:" + port;
  settings["WORKER_HEALTH_CHECK_PORT"] = port;
  const std::string coordinator = settings["NODE_JOIN"];
  SECTION("nobody is there who takes it in") {
    settings["NODE_JOIN"] = "127.0.0.1:" + std::to_string(free_port());
    service_process node{
        STAYLER_WORKER,
        {},
        settings,
        stack.service().folder() / "a.log",
        service_process::awaited::nothing};
    wait_until("its probes answer", [&] { return status_at(url, "/health/live") == 200; });
    CHECK(status_at(url, "/health/started") == 503);
    CHECK(status_at(url, "/health/ready") == 503);
    CHECK(node.stop() == 0);
  }
  SECTION("a coordinator takes it in, and goes") {
    service_process node{
        STAYLER_WORKER,
        {},
        settings,
        stack.service().folder() / "a.log",
        service_process::awaited::nothing};
    wait_until("it is ready", [&] { return status_at(url, "/health/ready") == 200; });
    CHECK(status_at(url, "/health/started") == 200);
    stack.service().worker().signal(SIGKILL);
    wait_until("it has noticed", [&] {
      return exchange("GET", url + "/health").body.find("degraded") != std::string::npos;
    });
    CHECK(status_at(url, "/health/ready") == 200);
    CHECK(node.stop() == 0);
  }
}

}  // namespace stayler::test
