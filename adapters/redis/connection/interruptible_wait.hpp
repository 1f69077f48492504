// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

namespace stayler::adapters {

/// Lets one thread wait for a descriptor until another has it end.
class interruptible_wait {
 public:
  interruptible_wait();
  interruptible_wait(const interruptible_wait&) = delete;
  interruptible_wait& operator=(const interruptible_wait&) = delete;
  ~interruptible_wait();

  /// True where the descriptor (-1: none) has something to read; false where the time is over, or
  /// the waiting was interrupted.
  [[nodiscard]] bool for_input(int descriptor, milliseconds time) const;

  /// Ends this waiting and every later one. From any thread.
  void interrupt() const;

 private:
  int event_ = -1;  ///< an eventfd
};

}  // namespace stayler::adapters
