// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace stayler::adapters {

/// Quantiles of the durations of the last five minutes, in constant memory. Durations are counted
/// in classes a sixteenth of their size wide, from a microsecond to days; a quantile is off by 3%
/// at most. Not safe for several threads. (prometheus::Summary keeps quantiles of a sliding window,
/// too, but not how many durations are in it, which /worker/stats shows.)
class latency_window {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds span{300};

  /// Counts a duration that ended now. `now` never goes back.
  void observe(std::chrono::microseconds took, time_point now);

  /// How many durations are in the window.
  [[nodiscard]] std::uint64_t count(time_point now) const;

  /// The duration that a share of `q` (0 to 1) of those in the window does not exceed; 0 where
  /// there are none.
  [[nodiscard]] double quantile_seconds(double q, time_point now) const;

 private:
  /// Old durations leave in steps of a minute.
  static constexpr std::size_t slices = 5;
  static constexpr std::size_t classes = 16UL * 36;

  struct slice {
    std::int64_t minute = -1;
    std::array<std::uint32_t, classes> counts{};
  };

  /// The slice of the minute of `now`, emptied if it held another one.
  slice& slice_at(time_point now);
  [[nodiscard]] static bool is_recent(const slice& which, time_point now);

  std::array<slice, slices> slices_;
};

}  // namespace stayler::adapters
