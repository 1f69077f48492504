// SPDX-License-Identifier: MIT
#include "app/worker/process/signals.hpp"

#include "app/program/program_start.hpp"

#include <csignal>
#include <pthread.h>
#include <unistd.h>
#include <utility>

namespace stayler::app {

namespace {

/// SIGUSR1 only wakes the waiter when the process ends by itself.
sigset_t hold_back_awaited() {
  return hold_back({SIGTERM, SIGINT, SIGHUP, SIGUSR1});
}

}  // namespace

void process_signals::block() {
  hold_back_awaited();
}

process_signals::process_signals(std::function<void(int)> on_stop, std::function<void()> on_reload)
    : on_stop_(std::move(on_stop)), on_reload_(std::move(on_reload)) {
  waiter_ = std::thread{[this, set = hold_back_awaited()] {
    for (bool is_stopping = false;;) {
      int signal = 0;
      if (sigwait(&set, &signal) != 0 || signal == SIGUSR1) {
        return;
      }
      if (signal == SIGHUP) {
        on_reload_();
      } else if (is_stopping) {
        _exit(128 + signal);
      } else {
        is_stopping = true;
        on_stop_(signal);
      }
    }
  }};
}

process_signals::~process_signals() {
  pthread_kill(waiter_.native_handle(), SIGUSR1);
  waiter_.join();
}

}  // namespace stayler::app
