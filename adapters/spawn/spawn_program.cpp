// SPDX-License-Identifier: MIT
#include "adapters/spawn/spawn_program.hpp"

#include "adapters/file_descriptor/file_descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <spawn.h>
#include <system_error>
#include <unistd.h>

namespace stayler::adapters {

namespace {

/// Which descriptors the new process has.
class file_actions {
 public:
  file_actions() { ::posix_spawn_file_actions_init(&actions_); }
  file_actions(const file_actions&) = delete;
  file_actions& operator=(const file_actions&) = delete;
  ~file_actions() { ::posix_spawn_file_actions_destroy(&actions_); }

  void copy(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
  void open_null(int number) {
    ::posix_spawn_file_actions_addopen(&actions_, number, "/dev/null", O_RDWR, 0);
  }
  /// Whatever a library of the service has opened without O_CLOEXEC.
  void close_from(int number) { ::posix_spawn_file_actions_addclosefrom_np(&actions_, number); }

  [[nodiscard]] const ::posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  ::posix_spawn_file_actions_t actions_{};
};

/// A process group of its own, and signals as a new program expects them: the service blocks some.
class spawn_attributes {
 public:
  spawn_attributes() {
    ::posix_spawnattr_init(&attributes_);
    ::sigset_t all;
    ::sigset_t none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP
    );
  }
  spawn_attributes(const spawn_attributes&) = delete;
  spawn_attributes& operator=(const spawn_attributes&) = delete;
  ~spawn_attributes() { ::posix_spawnattr_destroy(&attributes_); }

  [[nodiscard]] const ::posix_spawnattr_t* get() const { return &attributes_; }

 private:
  ::posix_spawnattr_t attributes_{};
};

/// A copy above those numbers that the new process will use, so that none is overwritten before it
/// is copied to its place.
file_descriptor out_of_the_way(int descriptor) {
  constexpr int lowest = 10;
  return file_descriptor{::fcntl(descriptor, F_DUPFD_CLOEXEC, lowest)};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

failure cannot_run(const program_start& start, int error) {
  return {
      error_class::unavailable,
      "cannot run " + start.program.string() + ": " + std::system_category().message(error),
      {}};
}

}  // namespace

result<::pid_t> spawn_program(const program_start& start) {
  std::vector<file_descriptor> copies;
  for (const passed_descriptor& passed : start.descriptors) {
    copies.push_back(out_of_the_way(passed.own));
    if (!copies.back()) {
      return cannot_run(start, errno);
    }
  }
  file_actions files;
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    if (number != STDERR_FILENO || !start.keeps_stderr) {
      files.open_null(number);
    }
  }
  int last = STDERR_FILENO;
  for (std::size_t i = 0; i < copies.size(); ++i) {
    files.copy(copies[i].number(), start.descriptors[i].theirs);
    last = std::max(last, start.descriptors[i].theirs);
  }
  files.close_from(last + 1);

  std::vector<std::string> names{start.program.string()};
  std::vector<std::string> variables = start.environment;
  const auto arguments = pointers_to(names);
  const auto environment = pointers_to(variables);
  ::pid_t pid = -1;
  const spawn_attributes attributes;
  const int error = ::posix_spawn(
      &pid, names.front().c_str(), files.get(), attributes.get(), arguments.data(),
      environment.data()
  );
  return error == 0 ? result<::pid_t>{pid} : cannot_run(start, error);
}

}  // namespace stayler::adapters
