// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <thread>

namespace stayler::app {

/// Waits for SIGTERM and SIGINT on a thread of its own. The first calls `on_stop` there; the second
/// ends the process at once with 128 + the signal's number. Make it before any other thread: the
/// signals are blocked in all threads that come after.
class stop_signals {
 public:
  explicit stop_signals(std::function<void(int)> on_stop);
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;
  ~stop_signals();

  /// Blocks the signals for this thread and its future children.
  static void block();

 private:
  std::function<void(int)> on_stop_;
  std::thread waiter_;
};

}  // namespace stayler::app
