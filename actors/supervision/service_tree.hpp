// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/supervisor.hpp"
#include "adapters/audit/audit_trail.hpp"
#include "adapters/blob_store/blob_store.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "adapters/detached_threads/detached_threads.hpp"
#include "adapters/event_feed/event_feed.hpp"
#include "adapters/http_client/http_client.hpp"
#include "adapters/image_codec/image_codec.hpp"
#include "adapters/image_source/image_source.hpp"
#include "adapters/job_store/job_store.hpp"
#include "adapters/limit_exchange/limit_exchange.hpp"
#include "adapters/metrics_registry/metrics_registry.hpp"
#include "adapters/notification_channel/notification_channel.hpp"
#include "adapters/outbox/outbox.hpp"
#include "adapters/quarantine/quarantines.hpp"
#include "adapters/record_store/record_store.hpp"
#include "adapters/result_cache/result_cache.hpp"
#include "adapters/tracing/otlp.hpp"
#include "adapters/tracing/span_buffer.hpp"
#include "adapters/user_tags/user_tags.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace stayler::actors {

/// The outside world, as app/ has chosen it. The ports outlive every restart of the actors that
/// use them, and with them what they hold: counters, connections, the memory store's jobs.
struct service_adapters {
  std::shared_ptr<adapters::wall_clock> clock;
  std::shared_ptr<adapters::job_store> jobs;
  std::shared_ptr<adapters::event_feed> events;  ///< filled by `jobs`
  std::shared_ptr<adapters::record_store> records;
  std::shared_ptr<adapters::blob_store> blobs;
  bool has_remote_blobs = false;  ///< calls wait for a network, and so are made many at a time
  std::shared_ptr<adapters::result_cache> cache;
  std::shared_ptr<adapters::http_client> http;
  std::shared_ptr<adapters::image_codec> codec;
  std::size_t codec_processes = 2;                     ///< calls that it makes at a time
  std::shared_ptr<adapters::image_source> web_images;  ///< null: none are fetched
  std::shared_ptr<adapters::detached_threads> detached_threads;
  std::shared_ptr<adapters::notification_channel> notifications;
  std::shared_ptr<adapters::outbox> outbox;
  std::shared_ptr<adapters::audit_trail> audit;  ///< null: there is none
  std::shared_ptr<const adapters::user_tags> tags = std::make_shared<adapters::user_tags>("");
  std::function<void_result()> scrub;  ///< see user_data_options; may be empty
  std::shared_ptr<adapters::metrics_registry> metrics;
  adapters::span_buffer_ptr spans;                     ///< null: no traces are recorded
  adapters::span_resource span_source;                 ///< as whose they are exported
  std::shared_ptr<adapters::limit_exchange> exchange;  ///< null: no other process shares the limits
  std::shared_ptr<adapters::quarantines> quarantines;  ///< null: suspects run as other jobs do
  std::string node;                                    ///< this host's name, as operators know it
  std::string instance_id;  ///< of this process: unique over restarts and hosts
  std::string version;
};

/// What a process has beside what every service has.
struct tree_choices {
  bool has_workers = true;         ///< of its own
  bool takes_nodes = false;        ///< worker nodes, or quarantines, may join
  node_identity_actor identities;  ///< for takes_nodes: who they are
};

/// The service's supervision tree: which actors there are, who depends on whom, and which of them
/// block and so get a thread of their own, and longer than that for their answer to a ping.
service_tree make_service_tree(
    const service_adapters& ports, milliseconds ping_timeout, tree_choices choices = {}
);

/// The tree of a worker node: workers and what they work with, and the link to a coordinator in
/// place of queue, records and notifier, which are not among its ports.
service_tree make_node_tree(
    const service_adapters& ports,
    milliseconds ping_timeout,
    const node_hello& hello,
    const node_connector_actor& connector
);

}  // namespace stayler::actors
