// SPDX-License-Identifier: MIT
#include "app/cli/client/interruption.hpp"

#include <atomic>
#include <csignal>
#include <initializer_list>
#include <poll.h>

namespace stayler::cli {

namespace {

// Read by several threads, and written by a signal's handler, which may do that without a lock
// alone.
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void note_interruption(int) {
  interrupted = true;
}

}  // namespace

void watch_interruptions() noexcept {
  struct ::sigaction action {};
  action.sa_handler = note_interruption;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int each : {SIGINT, SIGTERM, SIGHUP}) {
    ::sigaction(each, &action, nullptr);
  }
}

bool was_interrupted() noexcept {
  return interrupted;
}

void pause_for(std::chrono::milliseconds time) noexcept {
  if (!was_interrupted()) {
    ::poll(nullptr, 0, static_cast<int>(time.count()));
  }
}

}  // namespace stayler::cli
