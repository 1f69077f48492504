// SPDX-License-Identifier: MIT
#pragma once

#include "policies/overview/service_snapshot.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <string_view>
#include <vector>

namespace stayler::policies {

/// What latencies are kept of, in the order of overview_point::latencies.
inline constexpr std::array<std::string_view, 8> overview_stages{
    "queue_wait", "downloading", "converting", "processing",
    "uploading",  "recording",   "notifying",  "total"};

/// Seconds; not a number where it is not known.
struct latency_figures {
  float p50 = std::numeric_limits<float>::quiet_NaN();
  float p90 = std::numeric_limits<float>::quiet_NaN();
  float p99 = std::numeric_limits<float>::quiet_NaN();
};

/// One step of the series: what happened in it, and how the service stood at its end.
struct overview_point {
  std::int64_t time = 0;  ///< Unix seconds of its end
  std::uint64_t submitted = 0;
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;  ///< for good
  std::uint64_t cancelled = 0;
  micro_dollars cost = 0;
  std::vector<failure_count> failures{};  ///< attempts, by class; classes without any are left out

  std::uint64_t pending = 0;
  std::uint64_t processing = 0;
  double queue_age = 0;  ///< seconds that the oldest pending job has waited
  std::uint32_t busy_workers = 0;
  std::uint32_t calls_in_flight = 0;
  std::array<latency_figures, overview_stages.size()> latencies{};
};

/// The last quarter of an hour by seconds and the last day by minutes, made from a snapshot a
/// second. Takes about a megabyte.
class overview_series {
 public:
  static constexpr std::chrono::seconds span_of_seconds{15 * 60};
  static constexpr std::chrono::hours span_of_minutes{24};

  /// What came between the last snapshot and this one is a point. A part that is missing counts
  /// nothing, and nothing twice. A snapshot that is not newer than the last, in whole seconds, is
  /// left out.
  void add(const service_snapshot& now);

  struct excerpt {
    std::chrono::seconds step{1};
    std::vector<const overview_point*> points;  ///< oldest first; valid until the next add()
  };

  /// The points of so long before the last one, by seconds where they reach back so far.
  [[nodiscard]] excerpt last(std::chrono::seconds window) const;

  /// The last point; null before the second snapshot.
  [[nodiscard]] const overview_point* newest() const;

  /// What was spent in an hour at the rate of the last one; 0 where too little is known.
  [[nodiscard]] double dollars_per_hour() const;

 private:
  [[nodiscard]] overview_point point_since_last(const service_snapshot& now) const;
  void add_to_minutes(const overview_point& point);

  service_snapshot last_;
  std::deque<overview_point> seconds_;
  std::deque<overview_point> minutes_;  ///< the last one is still growing
};

/// How old the oldest pending job is, in seconds.
double queue_age(const queue_status& status, timestamp now);

}  // namespace stayler::policies
