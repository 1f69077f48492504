// SPDX-License-Identifier: MIT
// Jobs that were accepted survive kill -9 of the process: under load, at random moments, again and
// again, with each durable store. Ends with a check of the jobs' whole history. scripts/soak runs
// the same for longer.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/history/history_check.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <thread>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

unsigned from_environment(const char* name, unsigned usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : static_cast<unsigned>(std::stoul(text));
}

/// Where jobs are kept, and the worker's settings for it.
struct backend {
  explicit backend(const std::string& name) {
    settings = {{"WORKER_MAX_WORKERS", "8"},  {"WORKER_LOG_LEVEL", "warn"},
                {"WORKER_RETRY_DELAY", "1s"}, {"QUEUE_MAX_JOBS", "0"},
                {"QUEUE_BACKEND", name},      {"WORKER_HISTORY_FILE", history().string()}};
    if (name == "redis") {
      redis = std::make_unique<redis_process>();
      settings["REDIS_URL"] = redis->url();
    }
  }

  [[nodiscard]] std::filesystem::path history() const { return folder.path() / "history"; }

  temporary_folder folder;
  std::unique_ptr<redis_process> redis;
  environment settings;
};

/// One of those who submit jobs at the same time.
struct submitter {
  std::string name;
  unsigned next = 0;
  std::set<std::string> accepted;
  std::vector<http_answer> refusals;

  /// False where the process is gone. What became of the submission then is unknown: it is the next
  /// once more, under the same idempotency key.
  bool submit(service_stack& stack) {
    const std::string key = name + "-" + std::to_string(next);
    const auto answer = stack.call(
        "POST", "/worker/jobs", stack.job_body({key, "user-" + std::to_string(next % 5), "", ""}),
        {"Content-Type: application/json", "Idempotency-Key: " + key}
    );
    if (answer.curl_code != 0) {
      return false;
    }
    ++next;
    // Not answer.json(): Catch's assertions are for one thread.
    const auto job = adapters::parse_json(answer.body);
    if (answer.status / 100 == 2 && job) {
      accepted.insert(text_at(*job, {"id"}));
    } else {
      refusals.push_back(answer);
    }
    return true;
  }
};

/// They submit until the process is gone.
void submit_until_gone(service_stack& stack, std::vector<submitter>& submitters) {
  std::vector<std::thread> threads;
  for (submitter& one : submitters) {
    threads.emplace_back([&] {
      while (one.submit(stack)) {
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

std::set<std::string> accepted_by(const std::vector<submitter>& submitters) {
  std::set<std::string> all;
  for (const submitter& one : submitters) {
    for (const http_answer& refusal : one.refusals) {
      UNSCOPED_INFO(refusal.status << ' ' << refusal.body);
    }
    REQUIRE(one.refusals.empty());
    all.insert(one.accepted.begin(), one.accepted.end());
  }
  return all;
}

struct soak_figures {
  std::map<std::string, std::string> final_states;
  std::set<std::string> pictures;
  std::size_t completed = 0;
  std::int64_t crashes = 0;
  std::int64_t calls = 0;
};

/// A job's end has to be one that the design allows, and each result belongs to one job.
void check_end(const adapters::json_value& job, soak_figures& sum) {
  const std::string status = text_at(job, {"status"});
  sum.final_states[text_at(job, {"id"})] = status;
  sum.crashes += number_at(job, {"crashes"});
  sum.calls += size_at(job, {"providerCalls"});
  if (status == "failed") {
    // That the process ended is no reason: nothing but the bound on what is paid twice.
    CHECK(text_at(job, {"error", "class"}) == "ambiguous_call");
    CHECK(number_at(job, {"ambiguousCalls"}) == 2);
    return;
  }
  CHECK(status == "completed");
  CHECK(sum.pictures.insert(text_at(job, {"result", "imageId"})).second);
  ++sum.completed;
}

soak_figures check_soak_ends(const service_stack& stack) {
  soak_figures sum;
  stack.each_job([&](const adapters::json_value& job) { check_end(job, sum); });
  return sum;
}

void kill_and_check(const std::string& store) {
  const auto rounds = from_environment("SOAK_KILLS", 4);
  const auto seed = from_environment("SOAK_SEED", std::random_device{}());
  INFO(store << ", SOAK_SEED=" << seed);
  std::mt19937 chance{seed};
  std::uniform_int_distribution<unsigned> moment{20, from_environment("SOAK_LONGEST_MS", 400)};
  const backend kept{store};
  service_stack stack{kept.settings, {"--latency", "20ms..60ms"}};
  static_cast<void>(stack.job_body());  // uploads the photos

  std::vector<submitter> submitters;
  for (const char* name : {"a", "b", "c", "d"}) {
    submitters.push_back({name, 0, {}, {}});
  }
  for (unsigned round = 0; round < rounds; ++round) {
    std::thread killer{
        [pid = stack.worker().pid(), wait = std::chrono::milliseconds{moment(chance)}] {
          std::this_thread::sleep_for(wait);  // the random moment
          ::kill(pid, SIGKILL);
        }};
    submit_until_gone(stack, submitters);
    killer.join();
    REQUIRE(stack.worker().wait(10s) == 128 + SIGKILL);
    stack.start_worker();
  }
  for (submitter& one : submitters) {
    REQUIRE(one.submit(stack));
  }
  const auto accepted = accepted_by(submitters);
  stack.wait_for_quiet(1'800s);

  const soak_figures sum = check_soak_ends(stack);
  CHECK(sum.final_states.size() == accepted.size());
  // What the provider was asked is in the ledger, or was not asked at all.
  CHECK(stack.sim_count({"generateCalls"}) <= sum.calls);
  CHECK(stack.metric("stayler_store_repairs_total") == 0);
  const auto file = kept.history();
  const auto report = check_history({&file, 1}, {accepted, sum.final_states, 1});
  for (const std::string& violation : report.violations) {
    UNSCOPED_INFO(violation);
  }
  CHECK(report.violations.empty());
  std::cout << store << ": " << rounds << " kills, " << accepted.size()
            << " jobs accepted: " << sum.completed << " completed, "
            << sum.final_states.size() - sum.completed << " dead letters; " << sum.crashes
            << " attempts ended by a kill; " << stack.sim_count({"generateCalls"})
            << " provider calls\n"
            << report.figures << '\n';
}

/// Those that SOAK_BACKEND names; all where it is not set.
bool is_wanted(const std::string& store) {
  const char* wanted = std::getenv("SOAK_BACKEND");
  return wanted == nullptr || store == wanted;
}

}  // namespace

TEST_CASE("no accepted job is lost and none completes twice when the process is killed") {
  const std::string store = GENERATE("sqlite", "redis");
  if (is_wanted(store)) {
    kill_and_check(store);
  }
}
