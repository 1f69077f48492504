// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/metrics_registry/prometheus/metric_families.hpp"
#include "messages/provider/spending.hpp"
#include "messages/service/events.hpp"

#include <string>
#include <vector>

namespace stayler::adapters {

/// Calls to the provider, its limits as learned so far, and the result cache that saves calls.
class provider_metrics {
 public:
  /// `models`: that may be asked. Their requests are there at 0.
  provider_metrics(prometheus::Registry& registry, const std::vector<std::string>& models);

  void count(const provider_event& event);
  void count(const provider_status& status);
  void count(const cache_event& event);
  void count(const spending_report& report);

 private:
  prometheus::Counter& requests_of(
      std::uint32_t http_status, error_class error, const std::string& model
  );
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
  prometheus::Gauge& budget_;
  prometheus::Gauge& spent_;
};

}  // namespace stayler::adapters
