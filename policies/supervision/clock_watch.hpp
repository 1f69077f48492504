// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <chrono>
#include <optional>

namespace stayler::policies {

/// Notices when the wall clock is set: it then moves by another amount than the steady clock.
class clock_watch {
 public:
  using clock_time = std::chrono::steady_clock::time_point;

  /// By how much the wall clock has jumped since the last look, where that is more than the slow
  /// correction of a clock explains.
  std::optional<milliseconds> look(timestamp wall, clock_time steady) {
    const auto passed = std::chrono::duration_cast<milliseconds>(steady - last_steady_);
    const milliseconds jump = wall - last_wall_ - passed;
    const bool is_first = !is_set(last_wall_);
    last_wall_ = wall;
    last_steady_ = steady;
    return is_first || std::chrono::abs(jump) < tolerance ? std::nullopt : std::optional{jump};
  }

 private:
  static constexpr milliseconds tolerance{5'000};

  timestamp last_wall_;
  clock_time last_steady_{};
};

}  // namespace stayler::policies
