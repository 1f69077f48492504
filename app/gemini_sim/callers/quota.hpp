// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/requests/google_error.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace stayler::sim {

/// Counts the calls of each model against a limit per sliding minute and one per sliding day; 0
/// means no limit. Refused calls do not count. Safe from any thread.
class quota {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  quota(unsigned per_minute, unsigned per_day) : per_minute_(per_minute), per_day_(per_day) {}

  /// Counts the call, or says with which 429 it is refused.
  std::optional<google_error> admit(const std::string& model, time_point now);

  void reset();

 private:
  unsigned per_minute_;
  unsigned per_day_;
  std::mutex mutex_;
  std::map<std::string, std::deque<time_point>> calls_;
};

}  // namespace stayler::sim
