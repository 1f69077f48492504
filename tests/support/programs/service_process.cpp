// SPDX-License-Identifier: MIT
#include "tests/support/programs/service_process.hpp"

#include "tests/support/catch.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace stayler::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds start_limit{30};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (auto& text : texts) {
    all.push_back(text.data());
  }
  all.push_back(nullptr);
  return all;
}

[[noreturn]] void become(
    const std::filesystem::path& program,
    std::vector<std::string> arguments,
    const std::map<std::string, std::string>& environment
) {
  arguments.insert(arguments.begin(), program.string());
  std::vector<std::string> variables{"PATH=/usr/bin:/bin"};
  const auto add = [&variables](const std::string& name, const std::string& value) {
    variables.push_back(name + "=" + value);
  };
  for (const char* kept : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(kept)) {
      add(kept, value);
    }
  }
#ifdef __SANITIZE_ADDRESS__
  // The search for leaks looks into its own process as a debugger does.
  if (!environment.contains("WORKER_CORE_FILES")) {
    add("WORKER_CORE_FILES", "true");
  }
#endif
  for (const auto& [name, value] : environment) {
    add(name, value);
  }
  // The parent may hold these back, and a child inherits that.
  sigset_t none;
  sigemptyset(&none);
  for (const int ignored : {SIGPIPE, SIGXFSZ}) {
    std::signal(ignored, SIG_DFL);
  }
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(program.c_str(), pointers(arguments).data(), pointers(variables).data());
  _exit(127);
}

int code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string address_after(const std::string& text, const std::string& mark) {
  const auto begin = text.find(mark);
  const auto end = begin == std::string::npos ? begin : text.find('\n', begin);
  if (end == std::string::npos) {
    return {};
  }
  const std::string address = text.substr(begin + mark.size(), end - begin - mark.size());
  return address.find("://") != std::string::npos ? address : "http://" + address;
}

std::string contents(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream{file}.rdbuf();
  return text.str();
}

}  // namespace

service_process::service_process(
    const std::filesystem::path& program,
    std::vector<std::string> arguments,
    const std::map<std::string, std::string>& environment,
    std::filesystem::path log,
    awaited what
)
    : log_(std::move(log)) {
  start(program, std::move(arguments), environment);
  if (what == awaited::address) {
    read_addresses();
  }
}

void service_process::start(
    const std::filesystem::path& program,
    std::vector<std::string> arguments,
    const std::map<std::string, std::string>& environment
) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const int log = open(log_.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  REQUIRE(log >= 0);
  pid_ = fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    close(ends[0]);
    become(program, std::move(arguments), environment);
  }
  close(ends[1]);
  close(log);
  stdout_ = ends[0];
}

void service_process::read_addresses() {
  const auto deadline = steady_clock::now() + start_limit;
  while (url_.empty()) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    pollfd readable{stdout_, POLLIN, 0};
    std::array<char, 512> buffer{};
    const bool has_data =
        left.count() > 0 && poll(&readable, 1, static_cast<int>(left.count())) > 0;
    const auto count = has_data ? read(stdout_, buffer.data(), buffer.size()) : 0;
    if (count <= 0) {
      FAIL("the program did not come up; it said:\n" << output());
    }
    said_.append(buffer.data(), static_cast<std::size_t>(count));
    url_ = address_after(said_, "listening on ");
  }
  probe_url_ = address_after(said_, "probes on ");
}

service_process::~service_process() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (stdout_ >= 0) {
    close(stdout_);
  }
}

void service_process::signal(int number) const {
  REQUIRE(pid_ > 0);
  REQUIRE(kill(pid_, number) == 0);
}

int service_process::wait(milliseconds limit) {
  // A pid file descriptor becomes readable when the process ends: no polling.
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  REQUIRE(descriptor >= 0);
  pollfd ended{descriptor, POLLIN, 0};
  const bool has_ended = poll(&ended, 1, static_cast<int>(limit.count())) > 0;
  close(descriptor);
  if (!has_ended) {
    return -1;
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return code_of(status);
}

int service_process::stop(milliseconds limit) {
  signal(SIGTERM);
  return wait(limit);
}

void service_process::stop_reading() {
  close(std::exchange(stdout_, -1));
}

bool service_process::is_running() const {
  return pid_ > 0 && kill(pid_, 0) == 0;
}

std::string service_process::output() const {
  return said_ + contents(log_);
}

long service_process::resident_kib() const {
  std::ifstream status{"/proc/" + std::to_string(pid_) + "/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) {
      return std::stol(line.substr(6));
    }
  }
  return -1;
}

finished_run run_program(
    const std::filesystem::path& program,
    const std::vector<std::string>& arguments,
    const std::map<std::string, std::string>& environment
) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    become(program, arguments, environment);
  }
  close(ends[1]);
  finished_run run;
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    run.output.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  run.exit_code = code_of(status);
  return run;
}

}  // namespace stayler::test
