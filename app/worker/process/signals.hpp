// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <thread>

namespace stayler::app {

/// Waits for signals on a thread of its own. The first SIGTERM or SIGINT calls `on_stop` there; the
/// second ends the process at once with 128 + the signal's number. Each SIGHUP calls `on_reload`.
/// Make it before any other thread: the signals are blocked in all threads that come after.
class process_signals {
 public:
  process_signals(std::function<void(int)> on_stop, std::function<void()> on_reload);
  process_signals(const process_signals&) = delete;
  process_signals& operator=(const process_signals&) = delete;
  ~process_signals();

  /// Blocks the signals for this thread and its future children.
  static void block();

 private:
  std::function<void(int)> on_stop_;
  std::function<void()> on_reload_;
  std::thread waiter_;
};

}  // namespace stayler::app
