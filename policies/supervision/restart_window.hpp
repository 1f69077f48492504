// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

namespace stayler::policies {

/// Restart intensity, as in Erlang/OTP's supervisors: more than `limit` restarts within `window`
/// mean that restarting does not help.
class restart_window {
 public:
  using clock_time = std::chrono::steady_clock::time_point;

  restart_window(std::size_t limit, std::chrono::milliseconds window)
      : limit_(limit), window_(window) {}

  /// Counts a restart; false where there are too many now.
  bool allow(clock_time now) {
    const std::size_t before = count(now);
    restarts_.push_back(now);
    return before < limit_;
  }

  /// Restarts within the window that ends now.
  std::size_t count(clock_time now) {
    while (!restarts_.empty() && restarts_.front() + window_ < now) {
      restarts_.pop_front();
    }
    return restarts_.size();
  }

 private:
  std::size_t limit_;
  std::chrono::milliseconds window_;
  std::deque<clock_time> restarts_;
};

}  // namespace stayler::policies
