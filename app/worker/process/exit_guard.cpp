// SPDX-License-Identifier: MIT
#include "app/worker/process/exit_guard.hpp"

#include "adapters/log/log.hpp"

#include <condition_variable>
#include <cstdlib>
#include <mutex>

namespace stayler::app {

namespace {}  // namespace

void exit_guard::arm(int code, std::chrono::seconds patience) {
  waiter_ = std::jthread{[code, patience](const std::stop_token& ended) {
    std::mutex mutex;
    std::condition_variable_any wakeup;
    std::unique_lock lock{mutex};
    wakeup.wait_for(lock, ended, patience, [] { return false; });
    if (!ended.stop_requested()) {
      adapters::logs::supervisor::log.error("an actor does not end: leaving without it");
      std::_Exit(code);
    }
  }};
}

}  // namespace stayler::app
