// SPDX-License-Identifier: MIT
#include "policies/provider/recovery_throttle.hpp"

#include <algorithm>
#include <cmath>

namespace stayler::policies {

namespace {

/// How fast the usual rate forgets.
constexpr double memory_seconds = 30;

/// So many calls in a row that found room at once say that nothing is piled up any more.
constexpr int enough_unhindered = 20;

/// After that time the head room is so large that there is none to keep.
constexpr std::chrono::minutes longest_pace{10};

double seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

double recovery_throttle::usual(clock_time now) const {
  // As long as it is younger than its memory it would be too low.
  const double age = std::max(1.0, seconds(now - first_));
  return calls_ / memory_seconds / (1 - std::exp(-age / memory_seconds));
}

double recovery_throttle::allowed(clock_time now) const {
  const double age = resumed_at_ ? seconds(now - *resumed_at_) : 0;
  const double grown = std::exp2(age / seconds(options_.doubling));
  return std::max(options_.least_per_second, *usual_ * options_.head_room * grown);
}

double recovery_throttle::most_tokens(clock_time now) const {
  return std::max(options_.least_burst, allowed(now) * seconds(options_.burst));
}

void recovery_throttle::pass_time(clock_time now) {
  const double passed = seconds(now - last_);
  last_ = now;
  calls_ *= std::exp(-passed / memory_seconds);
  if (usual_) {
    tokens_ = std::min(most_tokens(now), tokens_ + passed * allowed(now));
  }
}

recovery_throttle::clock_time recovery_throttle::opens_at(clock_time now) {
  pass_time(now);
  if (!usual_ || tokens_ >= 1) {
    return now;
  }
  const std::chrono::duration<double> wait{(1 - tokens_) / allowed(now)};
  return now + std::chrono::ceil<std::chrono::milliseconds>(wait);
}

void recovery_throttle::sent(clock_time now) {
  if (first_ == clock_time{}) {
    first_ = last_ = now;
  }
  pass_time(now);
  calls_ += 1;
  if (!usual_) {
    return;
  }
  resumed_at_ = resumed_at_.value_or(now);
  unhindered_ = tokens_ > most_tokens(now) - 1 ? unhindered_ + 1 : 0;
  tokens_ -= 1;
  if (unhindered_ >= enough_unhindered || now - *resumed_at_ > longest_pace) {
    usual_.reset();
  }
}

void recovery_throttle::interrupt(clock_time now) {
  pass_time(now);
  usual_ = usual_.value_or(usual(now));
  resumed_at_.reset();
  unhindered_ = 0;
  tokens_ = 1;
}

}  // namespace stayler::policies
