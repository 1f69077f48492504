// SPDX-License-Identifier: MIT
#include "app/cli/programs/program_run.hpp"

#include "adapters/file_descriptor/file_descriptor.hpp"
#include "adapters/file_descriptor/write_all.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <span>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;  // NOLINT: POSIX has it so

namespace stayler::cli {

namespace {

/// A file without a name that has the text, at its beginning. A pipe could fill, and keep both
/// waiting for each other.
adapters::file_descriptor file_of(const std::string& text) {
  adapters::file_descriptor file{::memfd_create("stdin", MFD_CLOEXEC)};
  if (!file || adapters::write_all(file.number(), std::as_bytes(std::span{text})) != 0
      || ::lseek(file.number(), 0, SEEK_SET) != 0) {
    return {};
  }
  return file;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (auto& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

/// What posix_spawn has to be told, and to be freed of.
class spawn_orders {
 public:
  spawn_orders() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::sigset_t defaults;
    sigemptyset(&defaults);
    for (const int each : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP}) {
      sigaddset(&defaults, each);
    }
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  }
  spawn_orders(const spawn_orders&) = delete;
  spawn_orders& operator=(const spawn_orders&) = delete;
  ~spawn_orders() {
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
  }

  ::posix_spawn_file_actions_t actions{};
  ::posix_spawnattr_t attributes{};
};

/// Its process; -1 where there is none.
::pid_t spawn(const program_call& call) {
  spawn_orders orders;
  const auto input = call.input.empty() ? adapters::file_descriptor{} : file_of(call.input);
  if (input) {
    ::posix_spawn_file_actions_adddup2(&orders.actions, input.number(), STDIN_FILENO);
  } else {
    ::posix_spawn_file_actions_addopen(&orders.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  }
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    if (call.is_silent) {
      ::posix_spawn_file_actions_addopen(&orders.actions, descriptor, "/dev/null", O_WRONLY, 0);
    }
  }
  auto words = call.words;
  std::vector<std::string> variables;
  for (const auto& [name, value] : call.variables) {
    variables.push_back(name);
    variables.back().append("=").append(value);
  }
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    variables.emplace_back(*each);
  }
  ::pid_t pid = -1;
  const auto argument_pointers = pointers_to(words);
  const auto variable_pointers = pointers_to(variables);
  const int error = ::posix_spawnp(
      &pid, words.front().c_str(), &orders.actions, &orders.attributes, argument_pointers.data(),
      variable_pointers.data()
  );
  return error == 0 ? pid : -1;
}

}  // namespace

int run_program(const program_call& call) {
  std::fflush(stdout);
  const ::pid_t pid = spawn(call);
  if (pid < 0) {
    return -1;
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool start_program_apart(const program_call& call) {
  return spawn(call) >= 0;
}

}  // namespace stayler::cli
