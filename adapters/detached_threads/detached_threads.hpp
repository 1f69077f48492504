// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace stayler::adapters {

/// Runs calls that may never return, each on a thread of its own that nobody joins. Safe from any
/// thread.
class detached_threads {
 public:
  virtual ~detached_threads() = default;

  /// Runs the call, which must not throw, on a new thread. unavailable where there is none to be
  /// had.
  virtual void_result start(std::function<void()> call) = 0;

  /// Waits until no call is under way, so long at most; false where there still is one. A process
  /// must then leave without tearing down what the call may use.
  virtual bool wait_for_all(std::chrono::milliseconds limit) = 0;
};

/// Threads of the system. Destroying this waits for none of them.
std::unique_ptr<detached_threads> make_detached_threads();

}  // namespace stayler::adapters
