// SPDX-License-Identifier: MIT
#pragma once

// What the service says about itself.

#include "messages/base/error.hpp"
#include "messages/service/status.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// GET /worker/status.
std::string render_status(const queue_status& status);

/// GET /worker/stats: the status, with latencies where they could be had.
std::string render_stats(
    const queue_status& status, const std::optional<latency_report>& latencies, timestamp now
);

/// GET /worker/workers.
std::string render_workers(const std::vector<worker_status>& workers, timestamp now);

/// GET /worker/tree.
std::string render_tree(const tree_status& tree, timestamp now);

/// How much of the service's health is shown: to strangers the state of each part alone.
enum class health_detail : std::uint8_t { states, reasons };

/// GET /health.
std::string render_health(
    const health_report& report, std::string_view version, health_detail detail
);

/// GET /worker/health: the health of the service in the form of one worker's.
struct worker_health {
  std::string worker_id;
  health_report report;
  std::optional<queue_status> queue;
  timestamp started_at;
  timestamp now;
  health_detail detail = health_detail::reasons;  ///< states: no job is named either
};
std::string render_worker_health(const worker_health& shown);

/// {"message": ..., "timestamp": ...}
std::string render_message(std::string_view message, timestamp now);

}  // namespace stayler::http
