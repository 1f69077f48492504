// SPDX-License-Identifier: MIT
#pragma once

// How metrics are added to a registry of prometheus-cpp. A family has one metric for each set of
// labels; most have just one, without labels. References stay valid as long as the registry.

#include <chrono>
#include <cstdint>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
template <class Metric>
class Family;
}  // namespace prometheus

namespace stayler::adapters {

using counter_family = prometheus::Family<prometheus::Counter>;
using gauge_family = prometheus::Family<prometheus::Gauge>;
using histogram_family = prometheus::Family<prometheus::Histogram>;

counter_family& add_counters(prometheus::Registry& to, const char* name, const char* help);
gauge_family& add_gauges(prometheus::Registry& to, const char* name, const char* help);
histogram_family& add_histograms(prometheus::Registry& to, const char* name, const char* help);

prometheus::Counter& add_counter(prometheus::Registry& to, const char* name, const char* help);
prometheus::Gauge& add_gauge(prometheus::Registry& to, const char* name, const char* help);

/// `bounds` are the upper ends of the buckets, in the metric's unit.
prometheus::Histogram& add_histogram(
    prometheus::Registry& to, const char* name, const char* help, const std::vector<double>& bounds
);

/// Raises the counter to a sum that somebody else keeps; it never goes back.
void raise_to(prometheus::Counter& counter, std::uint64_t sum);

/// Buckets in seconds: half a millisecond to ten seconds, and a millisecond to an hour.
const std::vector<double>& short_times();
const std::vector<double>& long_times();

/// Buckets for numbers of changes, 1 to 1,024.
const std::vector<double>& batch_sizes();

constexpr double seconds(std::chrono::microseconds d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace stayler::adapters
