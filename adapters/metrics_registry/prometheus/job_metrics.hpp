// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/metrics_registry/prometheus/metric_families.hpp"
#include "adapters/metrics_registry/stage_latencies.hpp"
#include "messages/service/events.hpp"
#include "messages/service/status.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

namespace stayler::adapters {

/// Jobs, their attempts and stages, and the store that keeps them; the former worker's metrics are
/// among these.
class job_metrics {
 public:
  explicit job_metrics(prometheus::Registry& registry);

  void count(const queue_report& report);
  void count(const stage_event& event);

  /// Quantiles per stage, finished jobs per type and failed attempts per class.
  [[nodiscard]] latency_report latencies() const;

 private:
  void count_event(const job_event& event);
  void count_end(const job_event& event);
  void count_attempt(const char* outcome, error_class error);
  void set_counts(const job_counts& counts);
  prometheus::Counter& attempts_of(const char* outcome, error_class error);
  prometheus::Histogram& end_to_end_of(job_type type, const char* outcome);
  /// Makes what has labels exist at 0: an increase from nothing is none to Prometheus.
  void begin();

  prometheus::Counter& accepted_;
  prometheus::Gauge& pending_;
  prometheus::Gauge& processing_;
  prometheus::Counter& completed_;
  prometheus::Counter& failed_;
  prometheus::Gauge& active_workers_;
  prometheus::Gauge& average_job_time_;
  prometheus::Gauge& success_rate_;
  histogram_family& stage_duration_;
  prometheus::Histogram& queue_wait_;
  histogram_family& job_duration_;
  counter_family& attempts_;
  prometheus::Gauge& scheduled_;
  prometheus::Counter& cancelled_;
  prometheus::Counter& interrupted_;
  // Sums that the store keeps. They are there once it has told them: from 0 to its sum would look
  // like an increase after each start.
  counter_family& stale_reports_;
  counter_family& ambiguous_calls_;
  counter_family& repairs_;
  prometheus::Histogram& batch_size_;
  prometheus::Histogram& batch_duration_;
  histogram_family& end_to_end_;
  prometheus::Gauge& dead_letters_;
  counter_family& store_errors_;

  std::map<std::pair<std::string_view, error_class>, prometheus::Counter*> attempt_counters_;
  std::array<type_count, 2> finished_{
      {{job_type::image_conversion, 0, 0, 0}, {job_type::image_processing, 0, 0, 0}}};
  std::map<error_class, std::uint64_t> failures_;  ///< attempts
  stage_latencies latencies_;
};

}  // namespace stayler::adapters
