// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/audit/audit_trail.hpp"
#include "adapters/audit/log_audit_trail.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "adapters/event_feed/event_feed.hpp"
#include "adapters/event_feed/memory_event_feed.hpp"
#include "adapters/user_tags/user_tags.hpp"
#include "http/api/access/authorizer.hpp"
#include "http/api/bridge.hpp"
#include "http/api/browsers/origin.hpp"
#include "http/api/links/stream_tickets.hpp"
#include "http/api/router.hpp"
#include "http/api/tracing/request_trace.hpp"
#include "http/server/memory/http_memory.hpp"
#include "http/server/message.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// How the API presents itself, and what it holds its callers to.
struct api_options {
  std::string version;
  std::string worker_id = "stayler-worker";  ///< this process, in /worker/health
  std::string instance_name;   ///< how people tell this service from others; may be empty
  std::string signing_secret;  ///< of tokens; empty: one of this process
  std::size_t max_image_bytes = 20UL * 1024 * 1024;
  std::size_t max_body_bytes = 1024UL * 1024;   ///< of all requests without a limit of their own
  std::size_t max_job_bytes = 64UL * 1024;      ///< of one job
  std::size_t max_batch_bytes = 8192UL * 1024;  ///< of a batch of jobs
  std::shared_ptr<const adapters::wall_clock> clock =
      std::make_shared<adapters::system_wall_clock>();
  /// What callers use, for the metrics, which else learn of a route by its first call.
  std::vector<route_name> routes{};
  /// The followers of events, who are counted; null: they are by nobody else.
  std::shared_ptr<stream_tickets> event_streams;
  /// When the certificate expires that other processes of the service are shown, as it is now;
  /// none: there is no such certificate.
  std::function<timestamp()> node_certificate_expiry;
  /// The events that followers of jobs get.
  std::shared_ptr<adapters::event_feed> events = adapters::make_memory_event_feed();
  std::size_t max_event_streams = 500;  ///< at a time; each holds a connection
  std::size_t max_event_streams_per_key = 250;
  milliseconds event_heartbeat{15'000};
  milliseconds overview_interval{1'000};  ///< how often all parts are asked how they stand
  /// Decides who may do what; null: everybody may do everything. Not for the health port.
  std::shared_ptr<authorizer> access_control;
  /// Which calls are turned away by where they come from; none: no call. Not for the health port.
  std::optional<origin_rules> origins;
  /// The server's, for images that are sent, and for the metrics; null: there is no bound.
  std::shared_ptr<http_memory> memory;
  /// What stands for users in the audit trail and with their erasures.
  std::shared_ptr<const adapters::user_tags> tags = std::make_shared<adapters::user_tags>("");
  trace_rules tracing;
  /// Gets a record of each request that may have changed something, refused and failed ones too,
  /// and, where there are keys, sums of the calls without a known one.
  std::shared_ptr<adapters::audit_trail> audit = adapters::make_log_audit_trail();
};

/// The whole API, for a server: each request becomes a message, its answer the response. Stop the
/// server before the bridge.
handler make_api(const bridge& actors, const api_options& options);

/// Every route of that API, for whoever compares them with its contract, http/openapi.yaml.
std::vector<route_name> list_routes(const bridge& actors, const api_options& options);

/// Only the probes and the metrics, for WORKER_HEALTH_CHECK_PORT.
handler make_health_api(const bridge& actors, const api_options& options);

/// Whether the body of a request is worth reading, for server_options: only that of a caller who
/// may go on.
bool reads_body(const api_options& options, const request& head);

/// How large a body may be, for server_options.
std::size_t body_limit(
    const api_options& options, std::string_view method, std::string_view path
) noexcept;

}  // namespace stayler::http
