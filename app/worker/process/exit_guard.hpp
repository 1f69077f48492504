// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <thread>

namespace stayler::app {

/// The last resort against an actor that is stuck in a handler: the actor system waits for all of
/// its actors, however long. Once armed, and not destroyed in time, it ends the process; by then
/// nothing is left to be saved.
class exit_guard {
 public:
  /// From now on the process has so long to end by itself, else it ends with that code.
  void arm(int code, std::chrono::seconds patience);

 private:
  std::jthread waiter_;
};

}  // namespace stayler::app
