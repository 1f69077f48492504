// SPDX-License-Identifier: MIT
// Two coordinators on one Redis share the work; when one is killed the other finishes everything.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/history/history_check.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

std::size_t job_total() {
  const char* text = std::getenv("COORDINATORS_JOBS");
  return text == nullptr ? 1'000 : std::stoul(text);
}

/// A batch of small jobs that need no provider.
std::string batch_body(const std::string& image, std::size_t first, std::size_t count) {
  std::string jobs;
  for (std::size_t i = first; i < first + count; ++i) {
    jobs += jobs.empty() ? "" : ",";
    jobs += R"({"type":"image_processing","userId":"user-)" + std::to_string(i % 7)
            + R"(","payload":{"imageId":")" + image
            + R"(","options":{"operations":[{"type":"thumbnail","size":16}]}}})";
  }
  return R"({"jobs":[)" + jobs + "]}";
}

std::set<std::string> submit_all(const service_stack& stack, const std::string& image) {
  std::set<std::string> accepted;
  for (std::size_t done = 0; done < job_total();) {
    const std::size_t count = std::min<std::size_t>(500, job_total() - done);
    const auto answer = stack.call("POST", "/worker/jobs/batch", batch_body(image, done, count));
    REQUIRE(answer.status == 200);
    const auto taken = answer.json();
    for (const auto& job : *at(taken, {"jobs"}).as<adapters::json_value::array>()) {
      accepted.insert(text_at(job, {"id"}));
    }
    done += count;
  }
  REQUIRE(accepted.size() == job_total());
  return accepted;
}

std::size_t count_leases(const std::filesystem::path& history) {
  std::ifstream in{history};
  std::size_t leases = 0;
  for (std::string line; std::getline(in, line);) {
    leases += holds(line, R"("event":"leased")") ? 1U : 0U;
  }
  return leases;
}

}  // namespace

TEST_CASE("two coordinators share a queue without duplicates, and one finishes for the other") {
  const redis_process redis;
  const temporary_folder folder;
  const std::vector<std::filesystem::path> histories{folder.path() / "one", folder.path() / "two"};
  const environment shared{
      {"QUEUE_BACKEND", "redis"},   {"REDIS_URL", redis.url()},
      {"WORKER_MAX_WORKERS", "4"},  {"WORKER_LOG_LEVEL", "warn"},
      {"WORKER_RETRY_DELAY", "1s"}, {"WORKER_DATA_DIR", (folder.path() / "data").string()}};
  environment settings = shared;
  settings["WORKER_HISTORY_FILE"] = histories[0].string();
  service_stack stack{settings};
  environment others = worker_environment(folder.path() / "data", stack.sim().url());
  for (const auto& [name, value] : shared) {
    others[name] = value;
  }
  others["WORKER_HISTORY_FILE"] = histories[1].string();
  service_process other{STAYLER_WORKER, {}, others, folder.path() / "two.log"};

  const auto image = stack.upload(as_text(make_picture({image_format::jpeg, 32, 32})));
  const auto accepted = submit_all(stack, image);
  wait_until(
      "both have worked on a third",
      [&] {
        return count_leases(histories[0]) > job_total() / 6
               && count_leases(histories[1]) > job_total() / 6;
      },
      300s
  );
  other.signal(SIGKILL);
  REQUIRE(other.wait(10s) == 128 + SIGKILL);
  wait_until(
      "all jobs have ended",
      [&] {
        return number_at(stack.get("/worker/status").json(), {"completedJobs"})
               == static_cast<std::int64_t>(job_total());
      },
      600s
  );
  const auto states = job_states([&](const std::string& path) { return stack.get(path).json(); });
  const auto report = check_history(histories, {accepted, states, 1});
  for (const std::string& violation : report.violations) {
    UNSCOPED_INFO(violation);
  }
  CHECK(report.violations.empty());
  CHECK(report.figures.completed + report.figures.gaps >= job_total());
  CHECK(report.figures.completed <= job_total());
  std::cout << "leases of the one that lived: " << count_leases(histories[0])
            << ", of the one that was killed: " << count_leases(histories[1]) << '\n'
            << report.figures << '\n';
}

TEST_CASE("the service goes on by itself when Redis was away") {
  redis_process redis;
  service_stack stack{
      {{"QUEUE_BACKEND", "redis"}, {"REDIS_URL", redis.url()}}, {"--latency", "100ms"}};
  const auto first = stack.submit();
  CHECK(text_at(stack.final_job(first), {"status"}) == "completed");
  const auto under_way = stack.submit();
  const auto check_refused = [&] {
    const auto refused = stack.call("POST", "/worker/jobs", stack.job_body());
    CHECK(refused.status == 503);
    CHECK(refused.content_type == "application/problem+json");
    CHECK(stack.get("/health/live").status == 200);
  };
  SECTION("stopped and started again") {
    redis.stop();
    check_refused();
    redis.start();
  }
  SECTION("killed") {
    redis.kill9();
    check_refused();
    redis.start();
  }
  SECTION("hung") {
    redis.pause();
    check_refused();
    redis.resume();
  }
  const auto back = std::chrono::steady_clock::now();
  wait_until("jobs are taken again", [&] {
    return stack.call("POST", "/worker/jobs", stack.job_body()).status == 201;
  });
  CHECK(std::chrono::steady_clock::now() - back < 5s);
  CHECK(text_at(stack.final_job(under_way), {"status"}) == "completed");
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
}
