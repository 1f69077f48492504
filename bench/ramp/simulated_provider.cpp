// SPDX-License-Identifier: MIT
#include "bench/ramp/simulated_provider.hpp"

#include <algorithm>
#include <cmath>

namespace stayler::bench {

namespace {

constexpr milliseconds quota_refusal{200};

milliseconds from_seconds(double seconds) {
  return milliseconds{std::llround(std::ceil(seconds * 1'000))};
}

}  // namespace

simulated_provider::answer simulated_provider::take(clock_time now) {
  const auto chance = [this](double least, double most) {
    return std::uniform_real_distribution<double>{least, most}(random_);
  };
  const bool is_full = model_.most_in_flight > 0 && in_flight_ >= model_.most_in_flight;
  if (is_full || chance(0, 1) < model_.failing) {
    return {{error_class::unavailable, "", {}}, from_seconds(model_.refusal)};
  }
  if (const milliseconds wait = take_quota(now); wait.count() > 0) {
    return {{error_class::rate_limited, "", wait}, quota_refusal};
  }
  ++in_flight_;
  return {{}, from_seconds(model_.latency * chance(0.7, 1.4))};
}

milliseconds simulated_provider::take_quota(clock_time now) {
  const double most = model_.per_minute;
  if (most == 0) {
    return milliseconds{0};
  }
  if (model_.kind == quota_kind::bucket) {
    tokens_ = tokens_ < 0 ? most / 10
                          : std::min(most / 10, tokens_ + in_seconds(now - last_) * most / 60);
    last_ = now;
    if (tokens_ < 1) {
      return from_seconds((1 - tokens_) * 60 / most);
    }
    tokens_ -= 1;
    return milliseconds{0};
  }
  while (!window_.empty() && window_.front() + std::chrono::minutes{1} <= now) {
    window_.pop_front();
  }
  if (window_.size() >= model_.per_minute) {
    return std::chrono::ceil<milliseconds>(window_.front() + std::chrono::minutes{1} - now);
  }
  window_.push_back(now);
  return milliseconds{0};
}

double simulated_provider::allowed(clock_time::duration time, bool is_fresh) const {
  const double most = model_.per_minute;
  const double of_time = most * in_seconds(time) / 60;
  if (!is_fresh) {
    return of_time;
  }
  return model_.kind == quota_kind::bucket ? most / 10 + of_time
                                           : most * (1 + std::floor(in_seconds(time) / 60));
}

}  // namespace stayler::bench
