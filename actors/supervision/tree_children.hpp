// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/service_tree.hpp"
#include "actors/supervision/supervision_tree.hpp"

#include <string>
#include <vector>

namespace stayler::actors {

// The actors of a tree: how each is started, what it depends on, and what is special about it.

child_spec metrics_child(const service_adapters& ports);
/// Only where traces are recorded.
child_spec span_exporter_child(const service_adapters& ports);
child_spec blob_store_child(const service_adapters& ports);
child_spec record_io_child(const service_adapters& ports);
child_spec image_processor_child(const service_adapters& ports);
/// `rows` names who keeps the rows of images.
child_spec image_library_child(const service_adapters& ports, const std::string& rows);
child_spec notifier_child(const service_adapters& ports);
child_spec result_cache_child(const service_adapters& ports);
child_spec provider_limits_child(const service_adapters& ports);
/// `limits` names who permits the calls. Without workers none are made, and the provider may be out
/// of reach.
child_spec gemini_client_child(const service_adapters& ports, std::string limits, bool makes_calls);
child_spec retry_scheduler_child(const service_adapters& ports);
child_spec queue_child(const service_adapters& ports);
child_spec user_data_child(const service_adapters& ports);
child_spec node_gateway_child(const service_adapters& ports, const node_identity_actor& identities);
child_spec coordinator_link_child(const node_hello& hello, const node_connector_actor& connector);
child_spec health_child(const service_adapters& ports, std::vector<std::string> depends_on);
child_spec workload_watch_child(const service_adapters& ports);
child_spec alert_watch_child(const service_adapters& ports);

}  // namespace stayler::actors
