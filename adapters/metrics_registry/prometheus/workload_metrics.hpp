// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/metrics_registry/prometheus/metric_families.hpp"
#include "messages/service/events.hpp"
#include "messages/service/status.hpp"

namespace stayler::adapters {

/// What waits in the whole queue, why, and how many workers that asks for.
class workload_metrics {
 public:
  explicit workload_metrics(prometheus::Registry& registry);

  void count(const workload_report& report);

 private:
  prometheus::Gauge& oldest_;
  gauge_family& held_;
  gauge_family& paused_;
  gauge_family& desired_;
  prometheus::Gauge* shown_desired_ = nullptr;  ///< null while another coordinator says it
};

}  // namespace stayler::adapters
