// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>

namespace stayler::policies {

/// How long to wait before a child that has failed is started again: not at all the first time,
/// then twice as long each time, up to a bound. A child that has run for `calm` starts over.
class restart_backoff {
 public:
  using duration = std::chrono::milliseconds;

  /// `ran_for`: since the child was last started.
  duration next(duration ran_for) {
    failures_ = ran_for >= calm ? 0 : failures_;
    const auto pause = failures_ == 0 ? duration{0} : first * (1U << std::min(failures_ - 1, 10U));
    ++failures_;
    return std::min(pause, longest);
  }

  static constexpr duration first{100};
  static constexpr duration longest{10'000};
  static constexpr duration calm{60'000};

 private:
  unsigned failures_ = 0;
};

}  // namespace stayler::policies
