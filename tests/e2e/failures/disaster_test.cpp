// SPDX-License-Identifier: MIT
// Everything is lost but a backup that was made while jobs ran: what had been accepted before it is
// there again, and ends. scripts/disaster-drill runs the same with more of it.
#include "tests/e2e/support/service_stack.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <thread>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

unsigned jobs_before() {
  const char* text = std::getenv("DRILL_JOBS");
  return text == nullptr ? 40 : static_cast<unsigned>(std::stoul(text));
}

finished_run run_worker(std::vector<std::string> arguments, const std::filesystem::path& data) {
  arguments.push_back("--worker-data-dir=" + data.string());
  return run_program(STAYLER_WORKER, arguments, {{"GEMINI_API_KEY", "any"}});
}

/// A job that completed has its record, its picture and its thumbnail.
void check_completed(const service_stack& stack, const adapters::json_value& job) {
  REQUIRE(text_at(job, {"status"}) == "completed");
  const std::string image = "/images/" + text_at(job, {"result", "imageId"});
  CHECK(stack.get(image).status == 200);
  CHECK(stack.get(image + "/thumbnail").status == 200);
}

}  // namespace

TEST_CASE("after everything was lost, what a backup has goes on as after kill -9") {
  const environment settings{
      {"WORKER_MAX_WORKERS", "4"}, {"WORKER_RETRY_DELAY", "100ms"}, {"QUEUE_MAX_JOBS", "0"}};
  service_stack stack{settings, {"--latency", "50ms"}};
  std::vector<std::string> accepted;
  for (unsigned i = 0; i < jobs_before(); ++i) {
    accepted.push_back(stack.submit());
  }
  const auto data = stack.folder() / "data";
  const auto backup = stack.folder() / "backup";

  // Jobs end, and others come, while it is made.
  std::jthread others{[&stack](const std::stop_token& enough) {
    for (unsigned i = 0; !enough.stop_requested(); ++i) {
      static_cast<void>(stack.call(
          "POST", "/worker/jobs", stack.job_body({"late-" + std::to_string(i), "bob", "", ""})
      ));
    }
  }};
  const auto began = std::chrono::steady_clock::now();
  const auto saved = run_worker({"--backup", backup.string()}, data);
  const auto took = std::chrono::steady_clock::now() - began;
  others.request_stop();
  others.join();
  INFO(saved.output);
  REQUIRE(saved.exit_code == 0);
  CHECK(stack.worker().is_running());

  stack.worker().signal(SIGKILL);
  REQUIRE(stack.worker().wait(10s) == 128 + SIGKILL);
  std::filesystem::remove_all(data);

  const auto restored = run_worker({"--restore", backup.string()}, data);
  INFO(restored.output);
  REQUIRE(restored.exit_code == 0);
  const auto calls_before = stack.sim_count({"generateCalls"});
  stack.start_worker();
  std::size_t known = 0;
  for (const std::string& id : accepted) {
    check_completed(stack, stack.final_job(id, 60s));
    ++known;
  }
  std::cout << known << " of " << accepted.size()
            << " jobs that were accepted before the backup are there; it took "
            << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms; "
            << stack.sim_count({"generateCalls"}) - calls_before
            << " were called for after the restore\n"
            << saved.output << restored.output;
  // The folder is in use: a restore would write over what is there.
  const auto refused = run_worker({"--restore", backup.string()}, data);
  CHECK(refused.exit_code == 1);
  CHECK(holds(refused.output, "is not empty"));
}

TEST_CASE("a backup or restore that cannot be made says why") {
  const temporary_folder folder;
  const auto nothing =
      run_worker({"--backup", (folder.path() / "b").string()}, folder.path() / "d");
  CHECK(nothing.exit_code == 1);
  CHECK(holds(nothing.output, "there is nothing in"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "b.partial"));
  const auto unnamed = run_worker({"--backup"}, folder.path() / "d");
  CHECK(unnamed.exit_code == 2);
  CHECK(holds(unnamed.output, "--backup: needs a folder"));
  const auto unknown = run_worker({"--restore", "/nowhere"}, folder.path() / "d");
  CHECK(unknown.exit_code == 1);
  CHECK(holds(unknown.output, "is no backup"));
}
