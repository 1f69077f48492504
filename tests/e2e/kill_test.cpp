// SPDX-License-Identifier: MIT
// Jobs that were accepted survive kill -9 of the process: under load, at random moments, again and
// again. scripts/soak runs the same for longer.
#include "tests/e2e/service_stack.hpp"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>
#include <thread>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t most_crashes = 3;

unsigned from_environment(const char* name, unsigned usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : static_cast<unsigned>(std::stoul(text));
}

/// False where the process is gone.
bool submit_one(service_stack& stack, unsigned number, std::set<std::string>& accepted) {
  const std::string name = "soak-" + std::to_string(number);
  const auto answer = stack.call(
      "POST", "/worker/jobs", stack.job_body({name, "ann", "", ""}),
      {"Content-Type: application/json", "Idempotency-Key: " + name}
  );
  if (answer.curl_code != 0) {
    return false;
  }
  INFO(answer.body);
  REQUIRE(answer.status / 100 == 2);
  accepted.insert(text_at(answer.json(), {"id"}));
  return true;
}

struct soak_figures {
  std::size_t completed = 0;
  std::size_t lost_workers = 0;
  std::int64_t crashes = 0;
  std::int64_t attempts = 0;
  std::set<std::string> pictures;
};

/// A job's end has to be one that the design allows, and each result belongs to one job.
void check_end(const adapters::json_value& job, soak_figures& sum) {
  const auto crashes = number_at(job, {"crashes"});
  sum.crashes += crashes;
  const auto* attempts = at(job, {"attempts"}).as<adapters::json_value::array>();
  REQUIRE(attempts != nullptr);
  sum.attempts += static_cast<std::int64_t>(attempts->size());
  if (text_at(job, {"status"}) == "failed") {
    CHECK(text_at(job, {"error", "class"}) == "worker_lost");
    CHECK(crashes == most_crashes);
    ++sum.lost_workers;
    return;
  }
  REQUIRE(text_at(job, {"status"}) == "completed");
  CHECK(crashes < most_crashes);
  CHECK(static_cast<std::int64_t>(attempts->size()) == crashes + 1);
  CHECK(sum.pictures.insert(text_at(job, {"result", "imageId"})).second);
  ++sum.completed;
}

}  // namespace

TEST_CASE("no accepted job is lost and none completes twice when the process is killed") {
  const auto rounds = from_environment("SOAK_KILLS", 5);
  const auto seed = from_environment("SOAK_SEED", std::random_device{}());
  INFO("SOAK_SEED=" << seed);
  std::mt19937 chance{seed};
  std::uniform_int_distribution<unsigned> moment{20, from_environment("SOAK_LONGEST_MS", 400)};
  service_stack stack{
      {{"WORKER_MAX_WORKERS", "8"}, {"WORKER_LOG_LEVEL", "warn"}},
      {"--latency", "20ms..60ms", "--picture-size", "64"}};
  static_cast<void>(stack.job_body());  // uploads the photos

  std::set<std::string> accepted;
  unsigned next = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    std::thread killer{
        [pid = stack.worker().pid(), wait = std::chrono::milliseconds{moment(chance)}] {
          std::this_thread::sleep_for(wait);  // the random moment
          ::kill(pid, SIGKILL);
        }};
    // What becomes of the last submission of a round is unknown: the next begins with it, under the
    // same idempotency key.
    while (submit_one(stack, next, accepted)) {
      ++next;
    }
    killer.join();
    REQUIRE(stack.worker().wait(10s) == 128 + SIGKILL);
    stack.start_worker();
  }

  REQUIRE(submit_one(stack, next, accepted));

  soak_figures sum;
  for (const auto& id : accepted) {
    const auto job = stack.final_job(id, 600s);
    INFO(stack.get("/worker/jobs/" + id).body);
    check_end(job, sum);
  }
  const auto status = stack.get("/worker/status").json();
  CHECK(number_at(status, {"totalJobs"}) == static_cast<std::int64_t>(accepted.size()));
  CHECK(number_at(status, {"completedJobs"}) == static_cast<std::int64_t>(sum.completed));
  CHECK(number_at(status, {"failedJobs"}) == static_cast<std::int64_t>(sum.lost_workers));
  // Never more calls than attempts: each attempt pays once at most.
  CHECK(stack.sim_count({"requests"}) <= sum.attempts);
  std::cout << rounds << " kills, " << accepted.size() << " jobs accepted: " << sum.completed
            << " completed, " << sum.lost_workers << " dead letters after " << most_crashes
            << " lost workers each; " << sum.crashes << " attempts ended by a kill, "
            << stack.sim_count({"requests"}) << " provider calls\n";
}
