// SPDX-License-Identifier: MIT
#include "actors/supervision/service_tree.hpp"

#include "actors/supervision/tree_children.hpp"
#include "actors/worker/worker.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

void allow_at_least(std::vector<child_spec>& core, milliseconds ping_timeout) {
  for (child_spec& child : core) {
    child.ping_timeout = std::max(child.ping_timeout, ping_timeout);
  }
}

/// Behind the metrics: of those that end it is the last but one, so that it has what the others
/// have recorded.
void add_span_exporter(std::vector<child_spec>& core, const service_adapters& ports) {
  if (ports.spans) {
    core.insert(core.begin() + 1, span_exporter_child(ports));
  }
}

auto start_worker(const service_adapters& ports, worker_peers (*choose)(const directory&)) {
  return [ports, choose](
             caf::actor_system& system, const directory& peers, const settings& config,
             const std::string& worker_id
         ) {
    worker_options options;
    options.worker_id = worker_id;
    options.clock = ports.clock;
    options.config = config;
    options.peers = choose(peers);
    options.spans = ports.spans;
    return caf::actor_cast<caf::actor>(system.spawn(worker, std::move(options)));
  };
}

/// A node's worker has the link where others have queue, records and notifier.
worker_peers peers_on_node(const directory& parts) {
  worker_peers peers = peers_from(parts);
  peers.queue = parts.coordinator;
  peers.records = parts.coordinator;
  peers.notifier = parts.coordinator;
  return peers;
}

}  // namespace

service_tree make_service_tree(
    const service_adapters& ports, milliseconds ping_timeout, tree_choices choices
) {
  service_tree tree;
  // Changed settings go through this list in its order: the limits have them before the queue,
  // which sends the limits what was held by the old ones. Shutdown is this list backwards: the
  // workers (below all of it) first, then dispatch, retries and provider, then what flushes, and
  // the counters last.
  tree.core = {
      metrics_child(ports),
      blob_store_child(ports),
      record_io_child(ports),
      notifier_child(ports),
      image_library_child(ports, "record_io"),
      image_processor_child(ports),
      result_cache_child(ports),
      provider_limits_child(ports),
      gemini_client_child(ports, "provider_limits", choices.has_workers),
      retry_scheduler_child(ports),
      queue_child(ports),
      user_data_child(ports),
      health_child(
          ports, {"metrics", "blob_store", "image_processor", "record_io", "notifier",
                  "provider_limits", "gemini_client", "queue"}
      ),
      workload_watch_child(ports),
      alert_watch_child(ports),
  };
  add_span_exporter(tree.core, ports);
  if (choices.takes_nodes) {
    tree.core.push_back(node_gateway_child(ports, choices.identities));
  }
  allow_at_least(tree.core, ping_timeout);
  tree.workers_depend_on = {"metrics",       "record_io",     "notifier", "image_processor",
                            "image_library", "gemini_client", "queue"};
  if (choices.has_workers) {
    tree.start_worker = start_worker(ports, peers_from);
  }
  return tree;
}

service_tree make_node_tree(
    const service_adapters& ports,
    milliseconds ping_timeout,
    const node_hello& hello,
    const node_connector_actor& connector
) {
  service_tree tree;
  tree.core = {
      metrics_child(ports),
      blob_store_child(ports),
      coordinator_link_child(hello, connector),
      image_library_child(ports, "coordinator_link"),
      image_processor_child(ports),
      result_cache_child(ports),
      gemini_client_child(ports, "coordinator_link", true),
      health_child(
          ports, {"metrics", "blob_store", "image_processor", "gemini_client", "coordinator_link"}
      ),
  };
  add_span_exporter(tree.core, ports);
  allow_at_least(tree.core, ping_timeout);
  tree.workers_depend_on = {
      "metrics", "image_processor", "image_library", "gemini_client", "coordinator_link"};
  tree.start_worker = start_worker(ports, peers_on_node);
  return tree;
}

}  // namespace stayler::actors
