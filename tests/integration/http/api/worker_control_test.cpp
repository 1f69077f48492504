// SPDX-License-Identifier: MIT

#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <cstdint>
#include <string>
#include <string_view>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;
using adapters::json_value;

TEST_CASE("before the parts are up, what needs them is a 503", "[api_worker_control]") {
  service starting{false};
  for (const auto* path : {"/worker/status", "/worker/health", "/worker/jobs", "/metrics"}) {
    INFO(path);
    const auto answer = starting.ask("GET", path);
    problem_of(answer, 503, "unavailable");
    CHECK(answer.headers.at("retry-after") == "1");
  }
  const auto health = starting.ask("GET", "/health");
  CHECK(health.status == 503);
  CHECK(text_at(json_of(health), "status") == "starting");
  CHECK(starting.ask("GET", "/health/live").status == 200);
}

TEST_CASE("unknown paths are 404, wrong methods 405 with the right ones", "[api_worker_control]") {
  service running;
  problem_of(running.ask("GET", "/nothing"), 404, "not_found");
  const auto refused = running.ask("PATCH", "/worker/config");
  problem_of(refused, 405, "invalid_input");
  CHECK(refused.headers.at("allow") == "GET, HEAD, PUT");
}

TEST_CASE("the worker is stopped and started, each once", "[api_worker_control]") {
  service running;
  problem_of(running.ask("POST", "/worker/start"), 409, "conflict");
  const auto stopped = running.ask("POST", "/worker/stop?timeout=2s");
  CHECK(stopped.status == 200);
  CHECK_FALSE(text_at(json_of(stopped), "timestamp").empty());
  problem_of(running.ask("POST", "/worker/stop"), 409, "conflict");
  CHECK(running.ask("POST", "/worker/start").status == 200);
  problem_of(running.ask("POST", "/worker/stop?timeout=soon"), 400, "invalid_input");
  problem_of(running.ask("POST", "/worker/stop?timeout=25h"), 400, "invalid_input");
}

TEST_CASE("the worker tells how it is doing", "[api_worker_control]") {
  service running;
  const auto status = json_of(running.ask("GET", "/worker/status"));
  CHECK(*status.find("totalJobs")->as<std::int64_t>() == 4);
  CHECK(*status.find("successRate")->as<double>() == 0.75);
  CHECK(text_at(status, "state") == "running");

  const auto stats = json_of(running.ask("GET", "/worker/stats"));
  CHECK(*stats.find("stages")->find("total")->find("p50")->as<std::int64_t>() == 500);
  CHECK(stats.find("queueAge") != nullptr);

  const auto workers = json_of(running.ask("GET", "/worker/workers"));
  const auto& list = *workers.find("workers")->as<json_value::array>();
  REQUIRE(list.size() == 1);
  CHECK(text_at(list[0], "status") == "idle");
  CHECK(*list[0].find("restarts")->as<std::int64_t>() == 1);

  const auto health = running.ask("GET", "/worker/health");
  CHECK(health.status == 200);
  CHECK(text_at(json_of(health), "status") == "degraded");
  CHECK(*json_of(health).find("jobsProcessed")->as<std::int64_t>() == 3);
  CHECK(text_at(*json_of(health).find("checks")->find("gemini"), "message") == "slow");
}

TEST_CASE("the probes answer on both ports, the API on one", "[api_worker_control]") {
  service running;
  const auto health = running.ask_health("/health");
  CHECK(health.status == 200);
  CHECK(text_at(json_of(health), "version") == "1.2.3");
  CHECK(running.ask_health("/health/live").status == 200);
  CHECK(running.ask_health("/health/ready").status == 503);
  CHECK(running.ask_health("/metrics").status == 200);
  CHECK(running.ask_health("/worker/status").status == 404);
  CHECK(running.ask("GET", "/health").status == 200);
}

TEST_CASE(
    "a process that has started and takes no work is started and not ready", "[api_worker_control]"
) {
  service running;
  for (const auto& answer :
       {running.ask_health("/health/ready"), running.ask("GET", "/health/ready")}) {
    CHECK(answer.status == 503);
    CHECK(json_of(answer).find("checks")->find("gemini") == nullptr);
    CHECK(text_at(*json_of(answer).find("checks")->find("codec"), "message") == "no filter");
  }
  CHECK(running.ask_health("/health/started").status == 200);
  CHECK(running.ask("GET", "/health/started").status == 200);
  service starting{false};
  CHECK(starting.ask("GET", "/health/started").status == 503);
}

TEST_CASE(
    "before metrics are shown they hear what nobody else tells them", "[api_worker_control]"
) {
  service running;
  const std::string known = std::to_string(running.routes().size()) + " routes, ";
  const std::string until = "nodes until 1970-01-01T00:16:40.000Z\n";
  CHECK(running.ask("GET", "/metrics").body.starts_with(known + "0 event streams, " + until));
  const auto follower = running.follow("/worker/events");
  CHECK(running.ask_health("/metrics").body.starts_with(known + "1 event streams, " + until));
}

TEST_CASE("each answer is counted by its route", "[api_worker_control]") {
  service running;
  running.ask("GET", "/worker/jobs/17");
  running.ask("GET", "/no/such/path");
  const auto metrics = running.ask("GET", "/metrics");
  CHECK(metrics.status == 200);
  CHECK(metrics.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  const std::string_view expected = "GET /worker/jobs/{id} 404\nGET none 404\n";
  REQUIRE(metrics.body.size() >= expected.size());
  CHECK(metrics.body.substr(metrics.body.size() - expected.size()) == expected);
}

TEST_CASE("a fault is passed to the supervisor, which may refuse", "[api_worker_control]") {
  service running;
  CHECK(running.post_json("/worker/chaos/fault", R"({"actor":"queue"})").status == 200);
  problem_of(running.post_json("/worker/chaos/fault", R"({"actor":"x"})"), 403, "permission");
  problem_of(running.post_json("/worker/chaos/fault", R"({"who":"x"})"), 400, "invalid_input");
}
