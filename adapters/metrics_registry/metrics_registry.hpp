// SPDX-License-Identifier: MIT
#pragma once

#include "messages/provider/spending.hpp"
#include "messages/service/codec_status.hpp"
#include "messages/service/events.hpp"
#include "messages/service/status.hpp"

#include <string>

namespace stayler::adapters {

/// Counts what it is told and renders it for Prometheus. One thread at a time.
class metrics_registry {
 public:
  virtual ~metrics_registry() = default;

  virtual void count(const queue_report& report) = 0;
  virtual void count(const workload_report& report) = 0;
  virtual void count(const spending_report& report) = 0;
  virtual void count(const health_report& report) = 0;
  virtual void count(const stage_event& event) = 0;
  virtual void count(const provider_event& event) = 0;
  virtual void count(const provider_status& status) = 0;
  virtual void count(const cache_event& event) = 0;
  virtual void count(const http_event& event) = 0;
  virtual void count(const route_report& report) = 0;
  virtual void count(const event_streams_report& report) = 0;
  virtual void count(const audit_report& report) = 0;
  virtual void count(const certificate_event& event) = 0;
  virtual void count(const http_memory_report& report) = 0;
  virtual void count(const notification_report& report) = 0;
  virtual void count(const span_report& report) = 0;
  virtual void count(const restart_event& event) = 0;
  virtual void count(const codec_status& status) = 0;
  virtual void count(const tree_report& report) = 0;
  virtual void count(const node_report& report) = 0;
  virtual void count(const link_report& report) = 0;

  /// The exposition format 0.0.4. The former worker's metric names (worker_jobs_total, ...) are
  /// kept.
  virtual std::string render() = 0;

  /// Quantiles per stage and finished jobs per type, for /worker/stats.
  virtual latency_report latencies() = 0;
};

}  // namespace stayler::adapters
