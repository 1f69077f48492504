// SPDX-License-Identifier: MIT
#include "http/api/access/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

namespace stayler::http {

namespace {

/// What sums of fractions may lack of a whole.
constexpr double rounding = 1e-6;

}  // namespace

rate_limiter::rate_limiter(rate_rule rule, std::size_t max_callers)
    : rule_(rule), max_callers_(max_callers), shared_{rule.burst, {}} {}

double rate_limiter::tokens_of(const bucket& which, time_point now) const {
  const std::chrono::duration<double> passed = std::max(now, which.at) - which.at;
  return std::min(rule_.burst, which.tokens + passed.count() * rule_.per_second);
}

void rate_limiter::forget_the_quiet(time_point now) {
  if (now < next_look_) {
    return;
  }
  // A look at all of them is dear; a flood of newcomers gets one a second.
  next_look_ = now + std::chrono::seconds{1};
  std::erase_if(buckets_, [this, now](const auto& each) {
    return tokens_of(each.second, now) >= rule_.burst;
  });
}

rate_limiter::bucket& rate_limiter::bucket_of(const std::string& caller, time_point now) {
  const auto known = buckets_.find(caller);
  if (known != buckets_.end()) {
    return known->second;
  }
  if (buckets_.size() >= max_callers_) {
    forget_the_quiet(now);
  }
  return buckets_.size() < max_callers_
             ? buckets_.emplace(caller, bucket{rule_.burst, now}).first->second
             : shared_;
}

rate_limiter::bucket& rate_limiter::filled_bucket_of(const std::string& caller, time_point now) {
  bucket& own = bucket_of(caller, now);
  own.tokens = tokens_of(own, now);
  own.at = std::max(own.at, now);
  return own;
}

void rate_limiter::charge(const std::string& caller, double cost, time_point now) {
  if (rule_.per_second > 0) {
    filled_bucket_of(caller, now).tokens -= cost;
  }
}

milliseconds rate_limiter::take(const std::string& caller, double cost, time_point now) {
  if (rule_.per_second <= 0) {
    return milliseconds{0};
  }
  bucket& own = filled_bucket_of(caller, now);
  if (own.tokens >= 1 - rounding) {
    own.tokens = std::max(own.tokens - cost, -rule_.burst);
    return milliseconds{0};
  }
  const double wait = (1 - own.tokens) / rule_.per_second * 1'000;
  return milliseconds{std::max<milliseconds::rep>(std::llround(std::ceil(wait - rounding)), 1)};
}

}  // namespace stayler::http
