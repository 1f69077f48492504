// SPDX-License-Identifier: MIT
#include "http/api/rate_limit/token_bucket.hpp"

#include <algorithm>
#include <cmath>

namespace stayler::http {

namespace {

/// What sums of fractions may lack of a whole.
constexpr double rounding = 1e-6;

}  // namespace

double token_bucket::tokens(time_point now) const {
  const std::chrono::duration<double> passed = std::max(now, at_) - at_;
  return std::min(rule_.burst, tokens_ + passed.count() * rule_.per_second);
}

void token_bucket::refill(time_point now) {
  tokens_ = tokens(now);
  at_ = std::max(at_, now);
}

milliseconds token_bucket::take(double cost, time_point now) {
  if (!is_limited()) {
    return milliseconds{0};
  }
  refill(now);
  if (tokens_ >= 1 - rounding) {
    tokens_ = std::max(tokens_ - cost, -rule_.burst);
    return milliseconds{0};
  }
  const double wait = (1 - tokens_) / rule_.per_second * 1'000;
  return milliseconds{std::max<milliseconds::rep>(std::llround(std::ceil(wait - rounding)), 1)};
}

void token_bucket::charge(double cost, time_point now) {
  if (is_limited()) {
    refill(now);
    tokens_ -= cost;
  }
}

bool token_bucket::is_full(time_point now) const {
  return tokens(now) >= rule_.burst;
}

std::optional<rate_state> token_bucket::state(time_point now) const {
  if (!is_limited()) {
    return std::nullopt;
  }
  const double left = tokens(now);
  const double missing = (rule_.burst - left) / rule_.per_second;
  return rate_state{
      static_cast<std::uint64_t>(rule_.burst),
      static_cast<std::uint64_t>(std::max(left + rounding, 0.0)),
      static_cast<std::uint64_t>(std::ceil(std::max(missing - rounding, 0.0)))};
}

}  // namespace stayler::http
