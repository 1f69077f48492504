// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/metrics_registry/prometheus/bounded_names.hpp"
#include "adapters/metrics_registry/prometheus/metric_families.hpp"
#include "messages/service/codec_status.hpp"
#include "messages/service/events.hpp"
#include "messages/service/status.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// HTTP, notifications, the supervised actors and the health of the parts.
class service_metrics {
 public:
  explicit service_metrics(prometheus::Registry& registry);

  void count(const notification_report& report);
  void count(const http_event& event);
  void count(const route_report& report);
  void count(const event_streams_report& report);
  void count(const audit_report& report);
  void count(const certificate_event& event);
  void count(const http_memory_report& report);
  void count(const span_report& report);
  void count(const restart_event& event);
  void count(const codec_status& status);
  void count(const tree_report& report);
  void count(const health_report& report);

 private:
  prometheus::Counter& requests_of(
      const std::string& route, std::string_view method, std::uint32_t status
  );

  prometheus::Gauge& notifications_open_;
  prometheus::Counter& notifications_delivered_;
  prometheus::Counter& notifications_given_up_;
  prometheus::Counter& notifications_unsaved_;
  counter_family& notification_failures_;
  counter_family& http_requests_;
  histogram_family& http_duration_;
  prometheus::Counter& audit_lost_;
  gauge_family& certificate_expiry_;
  gauge_family& api_certificate_expiry_;
  gauge_family& http_memory_;
  gauge_family& http_memory_limit_;
  counter_family& http_memory_refusals_;
  prometheus::Counter& spans_exported_;
  counter_family& spans_dropped_;
  counter_family& restarts_;
  prometheus::Gauge& codec_processes_;
  counter_family& codec_losses_;
  prometheus::Counter& codec_recycled_;
  prometheus::Counter& codec_retries_;
  prometheus::Counter& prepared_before_;
  gauge_family& mailboxes_;
  prometheus::Gauge& abandoned_;
  gauge_family& health_;
  prometheus::Gauge& event_streams_;

  bounded_names routes_{128};
  bounded_names actors_{32};
};

}  // namespace stayler::adapters
