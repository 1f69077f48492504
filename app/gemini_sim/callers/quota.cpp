// SPDX-License-Identifier: MIT
#include "app/gemini_sim/callers/quota.hpp"

#include "app/gemini_sim/faults/fault.hpp"

#include <algorithm>

namespace stayler::sim {

using namespace std::chrono_literals;

std::optional<google_error> quota::admit(const std::string& model, time_point now) {
  if (per_minute_ == 0 && per_day_ == 0) {
    return std::nullopt;
  }
  const std::lock_guard lock{mutex_};
  auto& calls = calls_[model];
  const auto kept = per_day_ == 0 ? time_point::duration{1min} : time_point::duration{24h};
  while (!calls.empty() && calls.front() + kept <= now) {
    calls.pop_front();
  }
  if (per_day_ != 0 && calls.size() >= per_day_) {
    // The real service adds a short delay here too, although only midnight helps.
    return quota_error("GenerateRequestsPerDayPerProjectPerModel", model, per_day_, 18s);
  }
  const auto recent = std::ranges::upper_bound(calls, now - 1min);
  const auto in_last_minute = static_cast<std::size_t>(calls.end() - recent);
  if (per_minute_ != 0 && in_last_minute >= per_minute_) {
    const auto frees_up = *(calls.end() - per_minute_) + 1min;
    const auto wait = std::chrono::ceil<milliseconds>(frees_up - now);
    return quota_error("GenerateRequestsPerMinutePerProjectPerModel", model, per_minute_, wait);
  }
  calls.push_back(now);
  return std::nullopt;
}

void quota::reset() {
  const std::lock_guard lock{mutex_};
  calls_.clear();
}

}  // namespace stayler::sim
