// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/directory.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "adapters/tracing/span_buffer.hpp"
#include "messages/protocol.hpp"

#include <memory>
#include <string>

namespace stayler::actors {

/// The actors that a worker asks. On a node the first three are the link to its coordinator.
struct worker_peers {
  lease_service_actor queue;
  conversion_records_actor records;
  notification_sink_actor notifier;
  image_library_actor library;
  image_processor_actor images;
  gemini_client_actor gemini;
  result_cache_actor cache;  ///< null: nothing is kept
  metrics_actor metrics;
};

/// A worker's peers in a process that has all of them.
worker_peers peers_from(const directory& parts);

struct worker_options {
  std::string worker_id;
  std::shared_ptr<const adapters::wall_clock> clock;
  settings config;
  worker_peers peers;
  adapters::span_buffer_ptr spans;      ///< null: nothing is recorded
  milliseconds renew_interval{10'000};  ///< a third of the lease, so that one may get lost
};

/// For requests to actors of this service, none of which works for long.
inline constexpr milliseconds peer_timeout{60'000};

}  // namespace stayler::actors
