// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/prometheus/node_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <utility>

namespace stayler::adapters {

node_metrics::node_metrics(prometheus::Registry& registry)
    : connected_(add_gauge(registry, "stayler_nodes_connected", "Worker nodes that have joined.")),
      slots_(add_gauges(registry, "stayler_node_slots", "Workers of each node that has joined.")),
      busy_(add_gauges(registry, "stayler_node_slots_busy", "Those of them that have a job.")),
      joined_(add_counter(registry, "stayler_nodes_joined_total", "Worker nodes taken in.")),
      lost_(add_counter(
          registry,
          "stayler_nodes_lost_total",
          "Worker nodes given up: their connection broke, or they were silent."
      )),
      refused_(add_counter(
          registry,
          "stayler_nodes_refused_total",
          "Worker nodes of another version, or name in use."
      )),
      attempts_adopted_(add_counter(
          registry,
          "stayler_attempts_adopted_total",
          "Attempts that were begun under another coordinator."
      )),
      coordinator_connected_(add_gauge(
          registry,
          "stayler_coordinator_connected",
          "Of a worker node: 1 while it belongs to a coordinator."
      )),
      coordinators_joined_(add_counter(
          registry, "stayler_coordinators_joined_total", "Of a worker node: coordinators joined."
      )),
      coordinators_lost_(add_counter(
          registry, "stayler_coordinators_lost_total", "Of a worker node: coordinators lost."
      )) {}

void node_metrics::count(const node_report& report) {
  connected_.Set(report.connected);
  joined_.Increment(report.joined);
  lost_.Increment(report.lost);
  refused_.Increment(report.refused);
  attempts_adopted_.Increment(report.adopted);
}

void node_metrics::count(const link_report& report) {
  coordinator_connected_.Set(report.is_connected ? 1 : 0);
  coordinators_joined_.Increment(report.joined);
  coordinators_lost_.Increment(report.lost);
}

void node_metrics::set_loads(const std::vector<node_load>& loads) {
  forget_gone(loads);
  std::map<std::string, node_load> by_label;  // those without a label of their own share one
  for (const auto& load : loads) {
    if (load.node.empty()) {
      continue;  // this process's own workers are in the former worker's metrics
    }
    node_load& sum = by_label[names_.admit(load.node)];
    sum.slots += load.slots;
    sum.busy += load.busy;
  }
  decltype(shown_) current;
  for (const auto& [node, load] : by_label) {
    const auto& [slots, busy] =
        current[node] = {&slots_.Add({{"node", node}}), &busy_.Add({{"node", node}})};
    slots->Set(load.slots);
    busy->Set(load.busy);
  }
  for (const auto& [node, gauges] : shown_) {
    if (!current.contains(node)) {
      slots_.Remove(gauges.first);
      busy_.Remove(gauges.second);
    }
  }
  shown_ = std::move(current);
}

// A node that comes anew has another name in many places: without this, only the first 256 would
// ever be told apart.
void node_metrics::forget_gone(const std::vector<node_load>& loads) {
  for (const auto& entry : shown_) {
    if (std::ranges::find(loads, entry.first, &node_load::node) == loads.end()) {
      names_.forget(entry.first);
    }
  }
}

}  // namespace stayler::adapters
