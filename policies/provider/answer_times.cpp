// SPDX-License-Identifier: MIT
#include "policies/provider/answer_times.hpp"

#include <algorithm>

namespace stayler::policies {

namespace {

/// Fewer answers than that tell chance from overload badly.
constexpr std::uint32_t shortest_round = 10;

/// How fast the usual time follows the times of rounds.
constexpr double usual_weight = 0.1;

}  // namespace

bool answer_times::note(duration took, std::uint32_t in_flight, std::uint32_t limit) {
  ++answers_;
  time_ += static_cast<double>(took.count());
  most_in_flight_ = std::max(most_in_flight_, in_flight);
  if (answers_ < std::max(limit, shortest_round)) {
    return false;
  }
  const double average = time_ / answers_;
  // With few calls under way, slow answers are not due to their number.
  const bool was_used = most_in_flight_ >= limit - limit / 5;
  const bool is_slow = was_used && usual_ > 0 && average > slow_factor_ * usual_;
  usual_ = usual_ > 0 ? usual_ + usual_weight * (average - usual_) : average;
  latest_ = duration{static_cast<duration::rep>(average)};
  answers_ = most_in_flight_ = 0;
  time_ = 0;
  return is_slow;
}

}  // namespace stayler::policies
