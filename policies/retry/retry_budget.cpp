// SPDX-License-Identifier: MIT
#include "policies/retry/retry_budget.hpp"

#include <algorithm>
#include <cmath>

namespace stayler::policies {

namespace {

/// How fast the average forgets.
constexpr double memory_seconds = 30;

}  // namespace

void retry_budget::pass_time(clock_time now) {
  if (last_ == clock_time{}) {
    last_ = now;
  }
  const double passed = std::chrono::duration<double>(now - last_).count();
  tokens_ = std::min(options_.burst, tokens_ + passed * rate());
  firsts_ *= std::exp(-passed / memory_seconds);
  last_ = now;
}

void retry_budget::note_first_attempts(std::uint32_t count, clock_time now) {
  pass_time(now);
  firsts_ += count / memory_seconds;
}

retry_budget::milliseconds retry_budget::take(clock_time now) {
  pass_time(now);
  tokens_ -= 1;
  return milliseconds{tokens_ >= 0 ? 0 : std::llround(-tokens_ / rate() * 1000)};
}

}  // namespace stayler::policies
