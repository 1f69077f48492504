// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace stayler::policies {

/// How long a node waits before it looks for a coordinator again: a fifth of a second at first,
/// then twice as long each time, up to five; less up to a half, at random, so that nodes that have
/// lost the same coordinator do not come back together.
class reconnect_backoff {
 public:
  using duration = std::chrono::milliseconds;

  static constexpr duration first{200};
  static constexpr duration longest{5'000};

  duration next() {
    const auto whole = std::min(first * (1U << std::min(failures_, 10U)), longest);
    ++failures_;
    return whole
           - std::uniform_int_distribution<duration::rep>{
               0, whole.count() / 2}(random_)*duration{1};
  }

  void reset() { failures_ = 0; }

 private:
  unsigned failures_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace stayler::policies
