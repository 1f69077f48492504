// SPDX-License-Identifier: MIT
#include "actors/monitoring/metrics.hpp"

#include "actors/supervision/supervised.hpp"

#include <utility>
#include <vector>

namespace stayler::actors {

metrics_actor::behavior_type metrics_state::make_behavior(metrics_options options) {
  install_supervision(self_);
  options_ = std::move(options);
  return {
      count<queue_report>(),
      count<workload_report>(),
      count<spending_report>(),
      count<health_report>(),
      count<stage_event>(),
      count<provider_event>(),
      count<provider_status>(),
      count<cache_event>(),
      [this](const std::vector<http_event>& events) {
        for (const http_event& each : events) {
          options_.registry->count(each);
        }
      },
      count<route_report>(),
      count<event_streams_report>(),
      count<audit_report>(),
      count<certificate_event>(),
      count<http_memory_report>(),
      count<notification_report>(),
      count<span_report>(),
      count<restart_event>(),
      count<codec_status>(),
      count<tree_report>(),
      count<node_report>(),
      count<link_report>(),
      [this](render_atom) { return options_.registry->render(); },
      [this](status_atom) { return options_.registry->latencies(); },
  };
}

metrics_actor::behavior_type metrics(metrics_state::pointer self, metrics_options options) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
