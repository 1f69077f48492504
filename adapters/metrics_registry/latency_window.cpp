// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/latency_window.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace stayler::adapters {

namespace {

constexpr std::chrono::seconds slice_span{60};
constexpr std::uint64_t steps = 16;  ///< classes per doubling

std::int64_t minute_of(latency_window::time_point t) {
  return t.time_since_epoch() / slice_span;
}

/// Below 16 us every microsecond has a class; above, each doubling is cut into 16 equal ones.
std::size_t class_of(std::chrono::microseconds took, std::size_t classes) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
  if (value < steps) {
    return static_cast<std::size_t>(value);
  }
  const auto shift = static_cast<std::uint64_t>(std::bit_width(value)) - 5;
  const std::uint64_t index = steps * (shift + 1) + (value >> shift) - steps;
  return static_cast<std::size_t>(std::min<std::uint64_t>(index, classes - 1));
}

/// The middle of a class.
double seconds_of(std::size_t index) {
  const auto step = static_cast<double>(index % steps);
  if (index < steps) {
    return step / 1e6;
  }
  const auto shift = static_cast<int>(index / steps) - 1;
  return std::ldexp(static_cast<double>(steps) + step + 0.5, shift) / 1e6;
}

}  // namespace

latency_window::slice& latency_window::slice_at(time_point now) {
  const auto minute = minute_of(now);
  auto& found = slices_[static_cast<std::size_t>(minute) % slices];
  if (found.minute != minute) {
    found.minute = minute;
    found.counts.fill(0);
  }
  return found;
}

bool latency_window::is_recent(const slice& which, time_point now) {
  return which.minute >= 0 && which.minute > minute_of(now) - static_cast<std::int64_t>(slices);
}

void latency_window::observe(std::chrono::microseconds took, time_point now) {
  ++slice_at(now).counts[class_of(took, classes)];
}

std::uint64_t latency_window::count(time_point now) const {
  std::uint64_t sum = 0;
  for (const auto& part : slices_) {
    if (is_recent(part, now)) {
      for (const auto n : part.counts) {
        sum += n;
      }
    }
  }
  return sum;
}

double latency_window::quantile_seconds(double q, time_point now) const {
  const auto total = static_cast<double>(count(now));
  const auto rank = static_cast<std::uint64_t>(std::max(std::ceil(q * total), 1.0));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < classes; ++i) {
    for (const auto& part : slices_) {
      seen += is_recent(part, now) ? part.counts[i] : 0;
    }
    if (seen >= rank) {
      return seconds_of(i);
    }
  }
  return 0;
}

}  // namespace stayler::adapters
