// SPDX-License-Identifier: MIT
#include "app/program/program_start.hpp"

#include <cerrno>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

namespace stayler::app {

namespace {

/// What a log line or a message says must not end up in a store's file.
void keep_standard_descriptors() noexcept {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) == -1 && errno == EBADF) {
      // The lowest number that is free: this one.
      [[maybe_unused]] const int opened = ::open("/dev/null", O_RDWR);
    }
  }
}

}  // namespace

void start_program() noexcept {
  // Libraries write without MSG_NOSIGNAL: hiredis to Unix sockets, OpenSSL to all, the log to a
  // pipe.
  ignore_signals({SIGPIPE, SIGXFSZ});
  ::signal(SIGCHLD, SIG_DFL);
  keep_standard_descriptors();
}

void ignore_signals(std::initializer_list<int> signals) noexcept {
  for (const int each : signals) {
    ::signal(each, SIG_IGN);
  }
}

sigset_t hold_back(std::initializer_list<int> signals) noexcept {
  sigset_t set;
  sigemptyset(&set);
  for (const int each : signals) {
    sigaddset(&set, each);
  }
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

}  // namespace stayler::app
