// SPDX-License-Identifier: MIT
// What a program of ours writes to may go away, be it a pipe, a terminal or a file that may not
// grow: that is an error of the write, never the end of the program.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/free_port.hpp"

#include <csignal>
#include <fstream>
#include <sys/resource.h>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// What a shell does with a program: `stayler-worker 2>&1 | head`.
std::vector<std::string> by_shell(const std::string& program, const std::string& redirections) {
  return {"-c", "exec \"$0\" \"$@\" " + redirections, program};
}

/// A line of /proc/PID/status that holds a set of signals.
std::uint64_t signals_of(const std::string& pid, const std::string& name) {
  std::ifstream status{"/proc/" + pid + "/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) {
      return std::stoull(line.substr(name.size() + 1), nullptr, 16);
    }
  }
  FAIL("no " << name << " of " << pid);
  return 0;
}

bool has(std::uint64_t set, int signal) {
  return (set >> (signal - 1) & 1U) != 0;
}

/// The codec's processes.
std::vector<std::string> children_of(pid_t pid) {
  std::vector<std::string> children;
  for (const auto& task :
       std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/task"}) {
    std::ifstream list{task.path() / "children"};
    for (std::string child; list >> child;) {
      children.push_back(child);
    }
  }
  return children;
}

}  // namespace

TEST_CASE("the service goes on when nobody reads what it says") {
  const temporary_folder folder;
  service_process sim{GEMINI_SIM, {"--port", "0"}, {}, folder.path() / "sim.log"};
  sim.stop_reading();
  auto settings = worker_environment(folder.path() / "data", sim.url());
  settings["WORKER_LOG_LEVEL"] = "trace";
  service_process worker{
      "/bin/sh", by_shell(STAYLER_WORKER, "2>&1"), settings, folder.path() / "log"};
  worker.stop_reading();
  for (int i = 0; i < 20; ++i) {
    CHECK(exchange("GET", worker.url() + "/worker/jobs/nothing").status == 404);
  }
  CHECK(exchange("GET", sim.url() + "/sim/stats").status == 200);
  CHECK(worker.is_running());
  CHECK(worker.stop() == 0);
  CHECK(sim.stop() == 0);
}

TEST_CASE("nothing that is opened takes the place of a closed stderr") {
  const temporary_folder folder;
  const std::string port = std::to_string(free_port());
  auto settings = worker_environment(folder.path() / "data", "http://127.0.0.1:9");
  settings["WORKER_HTTP_PORT"] = port;
  settings["WORKER_LOG_LEVEL"] = "trace";
  service_process worker{
      "/bin/sh", by_shell(STAYLER_WORKER, "<&- >&- 2>&-"), settings, folder.path() / "log",
      service_process::awaited::nothing};
  const std::string url = "http://127.0.0.1:" + port;
  wait_until("it is ready", [&] { return exchange("GET", url + "/health/ready").status == 200; });
  const std::filesystem::path descriptors{"/proc/" + std::to_string(worker.pid()) + "/fd"};
  for (const std::string number : {"0", "1", "2"}) {
    CHECK(std::filesystem::read_symlink(descriptors / number) == "/dev/null");
  }
  CHECK(worker.stop() == 0);
}

TEST_CASE("a file that may not grow any more is an error, not the end") {
  service_stack stack;
  const rlimit little{16UL * 1024, 16UL * 1024};
  REQUIRE(prlimit(stack.worker().pid(), RLIMIT_FSIZE, &little, nullptr) == 0);
  const std::string photo = read_file(std::filesystem::path{STAYLER_ASSETS} / "person.jpg");
  REQUIRE(photo.size() > little.rlim_cur);
  const auto refused =
      stack.call("POST", "/images", photo, {"Content-Type: application/octet-stream"});
  INFO(refused.body);
  CHECK(refused.status >= 500);
  CHECK(stack.get("/health/live").status == 200);
}

TEST_CASE("the service and its codec decide for themselves what a signal does") {
  service_stack stack;
  CHECK_FALSE(stack.person().empty());
  const std::string worker = std::to_string(stack.worker().pid());
  for (const int signal : {SIGPIPE, SIGXFSZ}) {
    CHECK(has(signals_of(worker, "SigIgn"), signal));
    CHECK(has(signals_of(std::to_string(stack.sim().pid()), "SigIgn"), signal));
  }
  const auto codecs = children_of(stack.worker().pid());
  CHECK_FALSE(codecs.empty());
  for (const std::string& codec : codecs) {
    INFO(codec);
    CHECK(signals_of(codec, "SigBlk") == 0);
    for (const int signal : {SIGPIPE, SIGXFSZ, SIGTERM, SIGINT, SIGHUP}) {
      CHECK(has(signals_of(codec, "SigIgn"), signal));
    }
    for (const int signal : {SIGSEGV, SIGABRT, SIGCHLD, SIGUSR1}) {
      CHECK_FALSE(has(signals_of(codec, "SigIgn"), signal));
    }
  }
}
