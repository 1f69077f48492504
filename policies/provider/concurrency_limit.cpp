// SPDX-License-Identifier: MIT
#include "policies/provider/concurrency_limit.hpp"

#include <algorithm>

namespace stayler::policies {

namespace {

/// Fewer calls than that tell chance from overload badly.
constexpr std::uint32_t shortest_round = 10;

/// How fast the usual time follows the times of rounds.
constexpr double usual_weight = 0.1;

}  // namespace

void concurrency_limit::note(bool is_overload, duration took, std::uint32_t in_flight) {
  ++calls_;
  overloads_ += is_overload ? 1 : 0;
  time_ += is_overload ? 0 : static_cast<double>(took.count());
  most_in_flight_ = std::max(most_in_flight_, in_flight);
  if (calls_ >= std::max(limit_, shortest_round)) {
    end_round();
  }
}

void concurrency_limit::end_round() {
  const std::uint32_t answered = calls_ - overloads_;
  const double average = answered > 0 ? time_ / answered : 0;
  // A limit that was not used says nothing about whether it is too low.
  const bool was_used = most_in_flight_ >= limit_ - limit_ / 5;
  if (overloads_ > options_.overload_share * calls_ || (was_used && is_slow(average))) {
    shrink();
  } else if (was_used) {
    limit_ = std::min(options_.most, is_slow_start_ ? limit_ * 2 : limit_ + 1);
  }
  if (answered > 0) {
    usual_ = usual_ > 0 ? usual_ + usual_weight * (average - usual_) : average;
  }
  calls_ = overloads_ = most_in_flight_ = 0;
  time_ = 0;
}

void concurrency_limit::merge(std::uint32_t limit, std::uint64_t shrinks) {
  if (limit == 0 || shrinks < shrinks_) {
    return;
  }
  limit_ = std::min(options_.most, shrinks > shrinks_ ? limit : std::max(limit, limit_));
  is_slow_start_ = is_slow_start_ && shrinks == 0;
  shrinks_ = shrinks;
}

bool concurrency_limit::is_slow(double average) const {
  return usual_ > 0 && average > options_.slow_factor * usual_;
}

void concurrency_limit::shrink() {
  ++shrinks_;
  is_slow_start_ = false;
  limit_ = std::max(1U, static_cast<std::uint32_t>(limit_ * options_.decrease));
}

}  // namespace stayler::policies
