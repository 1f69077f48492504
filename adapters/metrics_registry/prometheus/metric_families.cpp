// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/prometheus/metric_families.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>

namespace stayler::adapters {

counter_family& add_counters(prometheus::Registry& to, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(to);
}

gauge_family& add_gauges(prometheus::Registry& to, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(to);
}

histogram_family& add_histograms(prometheus::Registry& to, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(to);
}

prometheus::Counter& add_counter(prometheus::Registry& to, const char* name, const char* help) {
  return add_counters(to, name, help).Add({});
}

prometheus::Gauge& add_gauge(prometheus::Registry& to, const char* name, const char* help) {
  return add_gauges(to, name, help).Add({});
}

prometheus::Histogram& add_histogram(
    prometheus::Registry& to, const char* name, const char* help, const std::vector<double>& bounds
) {
  return add_histograms(to, name, help).Add({}, bounds);
}

void raise_to(prometheus::Counter& counter, std::uint64_t sum) {
  counter.Increment(std::max(static_cast<double>(sum) - counter.Value(), 0.0));
}

const std::vector<double>& short_times() {
  static const std::vector<double> limits{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                          0.1,    0.25,  0.5,    1,     2.5,  5,     10};
  return limits;
}

const std::vector<double>& long_times() {
  static const std::vector<double> limits{0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1,
                                          2.5,   5,     10,   15,   20,  30,   45,  60,
                                          90,    120,   180,  240,  300, 600,  3600};
  return limits;
}

const std::vector<double>& batch_sizes() {
  static const std::vector<double> limits{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
  return limits;
}

}  // namespace stayler::adapters
