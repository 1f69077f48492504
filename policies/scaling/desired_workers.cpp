// SPDX-License-Identifier: MIT
#include "policies/scaling/desired_workers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace stayler::policies {

namespace {

/// Beyond it there is no fleet, and numbers stay far from overflow.
constexpr double most = 1'000'000;

double need(const workload& now, const scaling_rule& rule) {
  // What is late already cannot be made up for at any price: a quarter of the time is left to it.
  const auto left = std::max(rule.wait - now.oldest, rule.wait / 4);
  const double waiting = static_cast<double>(now.pending) / left.count();
  return std::ceil(now.attempt.count() * (now.accepted_per_second + waiting));
}

/// What the dispatch gate gives out for these limits, see call_admission::capacity(): more slots
/// would idle.
double cap(const workload& now) {
  const double by_calls = std::ceil(1.5 * now.calls) + 4;
  if (now.quota_per_minute == 0) {
    return by_calls;
  }
  const double quota = now.quota_per_minute;
  const double under_way = std::ceil(now.attempt.count() * quota / 60);
  return std::min(by_calls, under_way + std::ceil(quota / 6) + 1);
}

}  // namespace

std::uint32_t desired_workers(const workload& now, const scaling_rule& rule) {
  const auto at_work = static_cast<double>(now.in_flight);
  const double least = std::max(static_cast<double>(rule.floor), at_work);
  double desired = std::max(least, std::min(need(now, rule), cap(now)));
  if (now.closed_for) {
    const bool is_patient = *now.closed_for < rule.patience;
    desired = is_patient ? std::max(at_work, static_cast<double>(now.connected)) : least;
  }
  return static_cast<std::uint32_t>(std::clamp(desired, 0.0, most));
}

}  // namespace stayler::policies
