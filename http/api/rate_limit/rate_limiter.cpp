// SPDX-License-Identifier: MIT
#include "http/api/rate_limit/rate_limiter.hpp"

namespace stayler::http {

rate_limiter::rate_limiter(rate_rule rule, std::size_t max_callers)
    : rule_(rule), max_callers_(max_callers), shared_(rule) {}

void rate_limiter::forget_the_quiet(time_point now) {
  if (now < next_look_) {
    return;
  }
  // A look at all of them is dear; a flood of newcomers gets one a second.
  next_look_ = now + std::chrono::seconds{1};
  std::erase_if(buckets_, [now](const auto& each) { return each.second.is_full(now); });
}

token_bucket& rate_limiter::bucket_of(const std::string& caller, time_point now) {
  const auto known = buckets_.find(caller);
  if (known != buckets_.end()) {
    return known->second;
  }
  if (buckets_.size() >= max_callers_) {
    forget_the_quiet(now);
  }
  return buckets_.size() < max_callers_
             ? buckets_.emplace(caller, token_bucket{rule_}).first->second
             : shared_;
}

milliseconds rate_limiter::take(const std::string& caller, double cost, time_point now) {
  return rule_.per_second > 0 ? bucket_of(caller, now).take(cost, now) : milliseconds{0};
}

}  // namespace stayler::http
