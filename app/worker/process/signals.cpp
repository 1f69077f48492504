// SPDX-License-Identifier: MIT
#include "app/worker/process/signals.hpp"

#include <csignal>
#include <pthread.h>
#include <unistd.h>
#include <utility>

namespace stayler::app {

namespace {

/// SIGUSR1 only wakes the waiter when the process ends by itself.
sigset_t awaited() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGUSR1);
  return set;
}

}  // namespace

void stop_signals::block() {
  const sigset_t set = awaited();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

stop_signals::stop_signals(std::function<void(int)> on_stop) : on_stop_(std::move(on_stop)) {
  block();
  waiter_ = std::thread{[this] {
    const sigset_t set = awaited();
    for (int seen = 0;; ++seen) {
      int signal = 0;
      if (sigwait(&set, &signal) != 0 || signal == SIGUSR1) {
        return;
      }
      if (seen > 0) {
        _exit(128 + signal);
      }
      on_stop_(signal);
    }
  }};
}

stop_signals::~stop_signals() {
  pthread_kill(waiter_.native_handle(), SIGUSR1);
  waiter_.join();
}

}  // namespace stayler::app
