// SPDX-License-Identifier: MIT
#include "tests/e2e/cli/cli_run.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

namespace stayler::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds longest_run{60};

/// Turns the child into the program; does not come back.
[[noreturn]] void become_cli(
    const std::vector<std::string>& arguments, const environment& variables
) {
  std::vector<std::string> words{STAYLER_CLI};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> settings;
  if (!variables.contains("PATH")) {
    settings.emplace_back("PATH=/usr/bin:/bin");
  }
  for (const auto& [name, value] : variables) {
    settings.push_back(name);
    settings.back().append("=").append(value);
  }
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> list;
    list.reserve(texts.size() + 1);
    for (auto& text : texts) {
      list.push_back(text.data());
    }
    list.push_back(nullptr);
    return list;
  };
  ::signal(SIGPIPE, SIG_DFL);
  ::execve(STAYLER_CLI, pointers(words).data(), pointers(settings).data());
  ::_exit(127);
}

int code_of_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

environment with_url(service_stack& stack, environment changes) {
  changes.try_emplace("STAYLER_URL", stack.worker().url());
  changes.try_emplace("HOME", stack.folder().string());
  return changes;
}

/// Starts it with two pipes.
::pid_t start_cli(
    const std::vector<std::string>& arguments, const environment& variables, int& out, int& error
) {
  std::array<int, 2> out_ends{};
  std::array<int, 2> error_ends{};
  REQUIRE(::pipe2(out_ends.data(), O_CLOEXEC) == 0);
  REQUIRE(::pipe2(error_ends.data(), O_CLOEXEC) == 0);
  const ::pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(out_ends[1], STDOUT_FILENO);
    ::dup2(error_ends[1], STDERR_FILENO);
    become_cli(arguments, variables);
  }
  ::close(out_ends[1]);
  ::close(error_ends[1]);
  out = out_ends[0];
  error = error_ends[0];
  return pid;
}

/// Reads what one of two descriptors has; closes and forgets one that has ended.
void read_either(int& one, std::string& to_one, int& other, std::string& to_other) {
  std::array<::pollfd, 2> ready{{{one, POLLIN, 0}, {other, POLLIN, 0}}};
  REQUIRE(::poll(ready.data(), ready.size(), 60'000) > 0);
  const auto take = [](const ::pollfd& from, int& descriptor, std::string& to) {
    if (from.revents == 0 || descriptor < 0) {
      return;
    }
    std::array<char, 4096> buffer{};
    const auto count = ::read(descriptor, buffer.data(), buffer.size());
    if (count <= 0) {
      ::close(descriptor);
      descriptor = -1;
      return;
    }
    to.append(buffer.data(), static_cast<std::size_t>(count));
  };
  take(ready[0], one, to_one);
  take(ready[1], other, to_other);
}

}  // namespace

adapters::json_value cli_result::json() const {
  INFO(out << error);
  auto parsed = adapters::parse_json(out);
  REQUIRE(parsed);
  return std::move(*parsed);
}

cli_result run_cli(const std::vector<std::string>& arguments, const environment& changes) {
  cli_result result;
  int out = -1;
  int error = -1;
  const ::pid_t pid = start_cli(arguments, changes, out, error);
  while (out >= 0 || error >= 0) {
    read_either(out, result.out, error, result.error);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  result.exit_code = code_of_status(status);
  return result;
}

cli_result run_cli(
    service_stack& stack, const std::vector<std::string>& arguments, const environment& changes
) {
  return run_cli(arguments, with_url(stack, changes));
}

cli_result run_cli_on_terminal(
    service_stack& stack,
    const std::vector<std::string>& arguments,
    const std::vector<typed_answer>& answers,
    const environment& changes
) {
  return run_cli_on_terminal(arguments, answers, with_url(stack, changes));
}

cli_result run_cli_on_terminal(
    const std::vector<std::string>& arguments,
    const std::vector<typed_answer>& answers,
    environment variables,
    unsigned short columns
) {
  cli_result result;
  variables.try_emplace("TERM", "xterm");
  int terminal = -1;
  ::winsize size{};
  size.ws_row = 40;
  size.ws_col = columns;
  const ::pid_t pid = ::forkpty(&terminal, nullptr, nullptr, &size);
  REQUIRE(pid >= 0);
  if (pid == 0) {
    become_cli(arguments, variables);
  }
  auto next = answers.begin();
  std::size_t seen = 0;
  int none = -1;
  std::string unused;
  while (terminal >= 0) {
    read_either(terminal, result.out, none, unused);
    if (next != answers.end() && result.out.find(next->prompt, seen) != std::string::npos) {
      seen = result.out.size();
      const auto line = next->answer + "\n";
      REQUIRE(::write(terminal, line.data(), line.size()) == static_cast<::ssize_t>(line.size()));
      ++next;
    }
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  result.exit_code = code_of_status(status);
  return result;
}

running_cli::running_cli(service_stack& stack, const std::vector<std::string>& arguments) {
  pid_ = start_cli(arguments, with_url(stack, {}), out_, error_);
}

running_cli::~running_cli() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (const int descriptor : {out_, error_}) {
    if (descriptor >= 0) {
      ::close(descriptor);
    }
  }
}

void running_cli::read_some() {
  read_either(out_, result_.out, error_, result_.error);
}

void running_cli::wait_for(const std::string& text) {
  const auto deadline = steady_clock::now() + longest_run;
  while (!holds(result_.out, text) && !holds(result_.error, text)) {
    INFO("stdout: " << result_.out << "\nstderr: " << result_.error);
    REQUIRE((out_ >= 0 || error_ >= 0));
    REQUIRE(steady_clock::now() < deadline);
    read_some();
  }
}

void running_cli::signal(int number) const {
  ::kill(pid_, number);
}

cli_result running_cli::wait() {
  while (out_ >= 0 || error_ >= 0) {
    read_some();
  }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  result_.exit_code = code_of_status(status);
  return result_;
}

}  // namespace stayler::test
