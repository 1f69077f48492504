// SPDX-License-Identifier: MIT
#include "actors/monitoring/metrics.hpp"

#include "actors/supervision/supervised.hpp"

namespace stayler::actors {

metrics_actor::behavior_type metrics(
    metrics_actor::stateful_pointer<metrics_state> self, metrics_options options
) {
  install_supervision(self);
  const auto registry = std::move(options.registry);
  return {
      [registry](const queue_report& report) { registry->count(report); },
      [registry](const stage_event& event) { registry->count(event); },
      [registry](const provider_event& event) { registry->count(event); },
      [registry](const provider_status& status) { registry->count(status); },
      [registry](const cache_event& event) { registry->count(event); },
      [registry](const http_event& event) { registry->count(event); },
      [registry](const notification_report& report) { registry->count(report); },
      [registry](const restart_event& event) { registry->count(event); },
      [registry](const codec_status& status) { registry->count(status); },
      [registry](const tree_report& report) { registry->count(report); },
      [registry](const node_report& report) { registry->count(report); },
      [registry](const link_report& report) { registry->count(report); },
      [registry](render_atom) { return registry->render(); },
      [registry](status_atom) { return registry->latencies(); },
  };
}

}  // namespace stayler::actors
