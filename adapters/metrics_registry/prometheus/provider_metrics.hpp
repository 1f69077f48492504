// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/metrics_registry/prometheus/metric_families.hpp"
#include "messages/service/events.hpp"

namespace stayler::adapters {

/// Calls to the provider, its limits as learned so far, and the result cache that saves calls.
class provider_metrics {
 public:
  explicit provider_metrics(prometheus::Registry& registry);

  void count(const provider_event& event);
  void count(const provider_status& status);
  void count(const cache_event& event);

 private:
  void count_tokens(const token_usage& usage);

  counter_family& requests_;
  prometheus::Histogram& duration_;
  counter_family& tokens_;
  prometheus::Counter& cost_;
  prometheus::Gauge& breaker_;
  prometheus::Gauge& limit_;
  prometheus::Gauge& in_flight_;
  prometheus::Gauge& waiting_;
  prometheus::Gauge& quota_;
  prometheus::Gauge& closed_until_;
  prometheus::Counter& cache_hits_;
  prometheus::Counter& cache_misses_;
  prometheus::Gauge& cache_entries_;
  prometheus::Gauge& cache_bytes_;
};

}  // namespace stayler::adapters
