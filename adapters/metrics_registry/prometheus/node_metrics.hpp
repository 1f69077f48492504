// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/metrics_registry/prometheus/bounded_names.hpp"
#include "adapters/metrics_registry/prometheus/metric_families.hpp"
#include "messages/service/events.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters {

/// A coordinator's nodes, and a node's coordinator.
class node_metrics {
 public:
  explicit node_metrics(prometheus::Registry& registry);

  void count(const node_report& report);
  void count(const link_report& report);

  /// The nodes that are there now; those that are not any more vanish.
  void set_loads(const std::vector<node_load>& loads);

 private:
  void forget_gone(const std::vector<node_load>& loads);

  prometheus::Gauge& connected_;
  gauge_family& slots_;
  gauge_family& busy_;
  prometheus::Counter& joined_;
  prometheus::Counter& lost_;
  prometheus::Counter& refused_;
  prometheus::Counter& attempts_adopted_;
  prometheus::Gauge& coordinator_connected_;
  prometheus::Counter& coordinators_joined_;
  prometheus::Counter& coordinators_lost_;

  bounded_names names_{256};
  std::map<std::string, std::pair<prometheus::Gauge*, prometheus::Gauge*>> shown_;
};

}  // namespace stayler::adapters
