// SPDX-License-Identifier: MIT
// A job that has lost its worker twice runs alone, in a process of its own: what kills its process
// is found out, and what only shared a process with it, or was killed from outside, lives.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/process_states.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <set>
#include <thread>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// The bound on calls of unknown fate is about money; here nobody pays.
const environment suspects_settings{
    {"WORKER_MAX_WORKERS", "20"},
    {"WORKER_MAX_AMBIGUOUS_CALLS", "100"},
    {"WORKER_LOG_LEVEL", "info"},
    {"QUEUE_MAX_JOBS", "0"}};

adapters::json_value job_of(const service_stack& stack, const std::string& id) {
  return stack.get("/worker/jobs/" + id).json();
}

bool is_alone(const adapters::json_value& job) {
  return text_at(job, {"workerId"}).find(".quarantine.stayler/") != std::string::npos;
}

/// Until the job's attempt of that number has called the provider.
void wait_for_call(const service_stack& stack, const std::string& id, int attempt) {
  wait_until(
      "the provider is called",
      [&] {
        const auto answer = stack.get("/worker/jobs/" + id);
        return answer.status == 200 && size_at(answer.json(), {"providerCalls"}) == attempt
               && text_at(answer.json(), {"progress", "stage"}) == "converting";
      },
      60s, [&] { return stack.get("/worker/jobs/" + id).body; }
  );
}

/// The processes of the service's program that this one has started.
std::vector<::pid_t> quarantines_of(::pid_t service) {
  std::vector<::pid_t> found;
  for (const ::pid_t child : children_of(service)) {
    std::ifstream file{"/proc/" + std::to_string(child) + "/comm"};
    std::string name;
    std::getline(file, name);
    if (name == "stayler-worker") {
      found.push_back(child);
    }
  }
  return found;
}

void kill_service(service_stack& stack) {
  stack.worker().signal(SIGKILL);
  REQUIRE(stack.worker().wait(10s) == 128 + SIGKILL);
  stack.start_worker();
}

/// kill -9 of the process that works on the job.
void kill_process_of(service_stack& stack, const std::string& id) {
  if (!is_alone(job_of(stack, id))) {
    kill_service(stack);
    return;
  }
  const auto alone = quarantines_of(stack.worker().pid());
  REQUIRE(alone.size() == 1);
  ::kill(alone.front(), SIGKILL);
}

/// Kills the process of the job, which has made no attempt yet, twice in its call.
void make_suspect(service_stack& stack, const std::string& id) {
  for (int attempt = 1; attempt <= 2; ++attempt) {
    wait_for_call(stack, id, attempt);
    kill_process_of(stack, id);
  }
}

unsigned from_environment(const char* name, unsigned usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : static_cast<unsigned>(std::stoul(text));
}

/// Accepts the loss of what was not answered: who submits tries again.
void submit_some(service_stack& stack, unsigned count, std::set<std::string>& accepted) {
  for (unsigned i = 0; i < count; ++i) {
    const std::string user = "user-" + std::to_string(i % 5);
    const auto answer = stack.call("POST", "/worker/jobs", stack.job_body({"", user, "", ""}));
    if (answer.status == 201) {
      accepted.insert(text_at(answer.json(), {"id"}));
    }
  }
}

struct ends {
  std::size_t completed = 0;
  std::size_t given_up = 0;  ///< by the bound on calls that may have been paid for
  std::size_t suspects = 0;  ///< jobs that were one
  std::int64_t crashes = 0;
  std::int64_t most_crashes = 0;
};

/// Each job is completed, or was killed in two calls, which is all that the default allows to pay
/// for in vain: none is blamed for the end of its process.
ends check_none_is_blamed(const service_stack& stack, const std::set<std::string>& accepted) {
  ends sum;
  std::set<std::string> missing = accepted;
  stack.each_job([&](const adapters::json_value& job) {
    missing.erase(text_at(job, {"id"}));
    const std::int64_t crashes = number_at(job, {"crashes"});
    INFO(text_at(job, {"id"}) << ": " << text_at(job, {"errorMessage"}));
    if (text_at(job, {"status"}) == "completed") {
      ++sum.completed;
    } else {
      CHECK(text_at(job, {"error", "class"}) == "ambiguous_call");
      CHECK(number_at(job, {"ambiguousCalls"}) == 2);
      ++sum.given_up;
    }
    sum.suspects += crashes >= 2 ? 1 : 0;
    sum.crashes += crashes;
    sum.most_crashes = std::max(sum.most_crashes, crashes);
  });
  CHECK(missing.empty());
  return sum;
}

}  // namespace

TEST_CASE("a job that kills its process is worker_lost at its third try, and takes no other down") {
  service_stack stack{suspects_settings, {"--latency", "1500ms"}};
  const auto killer = stack.submit({"", "eve", "[[sim:hang]]", ""});
  const auto neighbour = stack.submit({"", "ann", "", ""});
  wait_for_call(stack, neighbour, 1);
  make_suspect(stack, killer);
  const auto service = stack.worker().pid();
  const auto late = stack.submit({"", "bob", "", ""});
  wait_for_call(stack, killer, 3);
  CHECK(job_of(stack, killer).find("suspect") != nullptr);
  REQUIRE(is_alone(job_of(stack, killer)));
  CHECK(text_at(stack.final_job(neighbour, 60s), {"status"}) == "completed");
  wait_until("one is alone", [&] { return quarantines_of(service).size() == 1; });
  kill_process_of(stack, killer);

  const auto job = stack.final_job(killer, 60s);
  CHECK(text_at(job, {"status"}) == "failed");
  CHECK(text_at(job, {"error", "class"}) == "worker_lost");
  CHECK(text_at(job, {"error", "message"})
            .starts_with("the process in which it ran alone was ended by signal 9, Killed"));
  CHECK(size_at(job, {"attempts"}) == 3);
  const auto untouched = stack.final_job(late, 60s);
  CHECK(text_at(untouched, {"status"}) == "completed");
  CHECK(number_at(untouched, {"crashes"}) == 0);
  CHECK(stack.worker().is_running());
  CHECK(quarantines_of(service).empty());
}

TEST_CASE("a suspect that is lost with the whole service runs again, and its process ends with it"
) {
  service_stack stack{suspects_settings, {"--latency", "2s"}};
  const auto id = stack.submit();
  make_suspect(stack, id);
  wait_for_call(stack, id, 3);
  const auto alone = quarantines_of(stack.worker().pid());
  REQUIRE(alone.size() == 1);
  kill_service(stack);
  wait_until("its process has ended", [&] { return state_of(alone.front()).state == 'X'; });
  const auto job = stack.final_job(id, 60s);
  CHECK(text_at(job, {"status"}) == "completed");
  CHECK(number_at(job, {"crashes"}) == 3);
  CHECK(size_at(job, {"attempts"}) == 4);
  CHECK(is_alone(job));
}

TEST_CASE("innocent jobs live, however often their process is killed") {
  const auto kills = from_environment("SOAK_KILLS", 5);
  const auto seed = from_environment("SOAK_SEED", std::random_device{}());
  INFO("SOAK_SEED=" << seed);
  std::mt19937 chance{seed};
  std::uniform_int_distribution<int> moment{300, 2'000};
  environment settings = suspects_settings;
  settings.erase("WORKER_MAX_AMBIGUOUS_CALLS");
  settings["WORKER_RETRY_DELAY"] = "1s";
  settings["WORKER_LOG_LEVEL"] = "warn";
  service_stack stack{settings, {"--latency", "500ms..2s"}};
  std::set<std::string> accepted;
  const auto begin = std::chrono::steady_clock::now();
  for (unsigned kill = 0; kill < kills; ++kill) {
    submit_some(stack, 30, accepted);
    std::this_thread::sleep_for(std::chrono::milliseconds{moment(chance)});  // the random moment
    kill_service(stack);
  }
  const auto took =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin);
  stack.wait_for_quiet(600s);
  const ends sum = check_none_is_blamed(stack, accepted);
  std::cout << kills << " kills in " << took.count() << " s: " << sum.completed << " of "
            << accepted.size() << " jobs completed, " << sum.given_up
            << " given up for what they may have cost, " << sum.suspects << " suspects; "
            << sum.crashes << " attempts ended by a kill, " << sum.most_crashes << " of one job\n";
}
