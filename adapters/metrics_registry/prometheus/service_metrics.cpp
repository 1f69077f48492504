// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/prometheus/service_metrics.hpp"

#include "adapters/metrics_registry/prometheus/metric_labels.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <map>
#include <string>

namespace stayler::adapters {

service_metrics::service_metrics(prometheus::Registry& registry)
    : notifications_open_(add_gauge(
        registry, "stayler_notifications_open", "Notifications neither delivered nor given up."
    )),
      notifications_delivered_(
          add_counter(registry, "stayler_notifications_delivered_total", "Notifications delivered.")
      ),
      notifications_given_up_(add_counter(
          registry,
          "stayler_notifications_given_up_total",
          "Notifications given up: refused, failed too often, or too many."
      )),
      notifications_unsaved_(add_counter(
          registry,
          "stayler_notifications_unsaved_total",
          "Notifications taken over into memory alone, for the outbox was away."
      )),
      notification_failures_(add_counters(
          registry,
          "stayler_notification_failures_total",
          "Deliveries of notifications that failed, by what was wrong."
      )),
      http_requests_(
          add_counters(registry, "stayler_http_requests_total", "HTTP requests answered.")
      ),
      http_duration_(add_histograms(
          registry, "stayler_http_request_duration_seconds", "Time to answer HTTP requests."
      )),
      audit_lost_(add_counter(
          registry,
          "stayler_audit_records_lost_total",
          "Audit records that are missing in WORKER_AUDIT_FILE."
      )),
      certificate_expiry_(add_gauges(
          registry,
          "stayler_certificate_expiry_timestamp_seconds",
          "When a certificate that is in use expires, since the epoch."
      )),
      api_certificate_expiry_(add_gauges(
          registry,
          "stayler_tls_certificate_expiry_timestamp_seconds",
          "When the API's certificate expires, since the epoch."
      )),
      http_memory_(add_gauges(
          registry, "stayler_http_memory_bytes", "Bytes of bodies and answers in memory, by kind."
      )),
      http_memory_limit_(add_gauges(
          registry, "stayler_http_memory_limit_bytes", "How many there may be of each kind."
      )),
      http_memory_refusals_(add_counters(
          registry,
          "stayler_http_memory_refusals_total",
          "Calls refused because there was no memory for their bytes, by kind."
      )),
      spans_exported_(add_counter(
          registry, "stayler_spans_exported_total", "Spans that the collector has taken."
      )),
      spans_dropped_(add_counters(
          registry, "stayler_spans_dropped_total", "Spans that were lost, by the reason."
      )),
      restarts_(
          add_counters(registry, "stayler_actor_restarts_total", "Actors restarted, by their kind.")
      ),
      codec_processes_(add_gauge(
          registry, "stayler_codec_processes", "Processes that decode and encode pictures."
      )),
      codec_losses_(add_counters(
          registry,
          "stayler_codec_processes_lost_total",
          "Codec processes that have crashed or were killed, by the reason."
      )),
      codec_recycled_(add_counter(
          registry,
          "stayler_codec_processes_recycled_total",
          "Codec processes replaced after many calls, or grown too large."
      )),
      codec_retries_(add_counter(
          registry,
          "stayler_codec_retries_total",
          "Calls that were made again, for the process was lost that made them first."
      )),
      prepared_before_(add_counter(
          registry,
          "stayler_codec_cache_hits_total",
          "Pictures that were ready for the provider from an earlier job."
      )),
      mailboxes_(add_gauges(
          registry, "stayler_actor_mailbox_messages", "Longest mailbox of each kind of actor."
      )),
      abandoned_(add_gauge(
          registry, "stayler_actors_written_off", "Actors that are stuck, each with its thread."
      )),
      health_(add_gauges(
          registry, "stayler_health", "Each part: 0 healthy, 1 degraded, 2 unhealthy or starting."
      )),
      event_streams_(add_gauge(
          registry, "stayler_event_streams_open", "Callers that follow events at this moment."
      )) {
  count(notification_report{});
  count(span_report{});
  count(codec_status{});  // so that each reason is there, at 0
}

void service_metrics::count(const notification_report& report) {
  notifications_open_.Set(static_cast<double>(report.open));
  notifications_delivered_.Increment(static_cast<double>(report.delivered));
  notifications_given_up_.Increment(static_cast<double>(report.given_up));
  notifications_unsaved_.Increment(static_cast<double>(report.unsaved));
  for (std::size_t i = 1; i < report.failed.size(); ++i) {
    const auto problem = to_string(static_cast<delivery_problem>(i));
    notification_failures_.Add({{"problem", std::string{problem}}}
    ).Increment(static_cast<double>(report.failed.at(i)));
  }
}

void service_metrics::count(const http_event& event) {
  const bool is_pattern = event.route.starts_with('/');
  const auto route = is_pattern ? routes_.admit(event.route) : std::string{other_label};
  requests_of(route, event.method, event.status).Increment();
  http_duration_.Add({{"route", route}}, short_times()).Observe(seconds(event.took));
}

prometheus::Counter& service_metrics::requests_of(
    const std::string& route, std::string_view method, std::uint32_t status
) {
  return http_requests_.Add(
      {{"route", route},
       {"method", std::string{method_label(method)}},
       {"status", status_label(status)}}
  );
}

// The failures of each route are there at 0: an increase from nothing is none to Prometheus.
void service_metrics::count(const route_report& report) {
  for (const auto& [method, pattern] : report.routes) {
    const auto route = routes_.admit(pattern);
    for (const std::uint32_t status : {500U, 503U, 504U}) {
      requests_of(route, method, status);
    }
  }
}

void service_metrics::count(const event_streams_report& report) {
  event_streams_.Set(static_cast<double>(report.open));
}

void service_metrics::count(const audit_report& report) {
  raise_to(audit_lost_, report.lost);
}

void service_metrics::count(const certificate_event& event) {
  const auto since_epoch =
      std::chrono::floor<std::chrono::seconds>(event.expiry.time_since_epoch());
  const auto expiry = static_cast<double>(since_epoch.count());
  const bool is_of_api = event.shown_to == certificate_event::use::api;
  certificate_expiry_.Add({{"use", is_of_api ? "api" : "nodes"}}).Set(expiry);
  if (is_of_api) {
    api_certificate_expiry_.Add({}).Set(expiry);
  }
}

void service_metrics::count(const http_memory_report& report) {
  for (const auto& share : report.shares) {
    const prometheus::Labels kind{{"kind", share.name}};
    http_memory_.Add(kind).Set(static_cast<double>(share.held));
    http_memory_limit_.Add(kind).Set(static_cast<double>(share.limit));
    raise_to(http_memory_refusals_.Add(kind), share.refused);
  }
}

void service_metrics::count(const span_report& report) {
  spans_exported_.Increment(static_cast<double>(report.exported));
  const auto drop = [this](const char* reason, std::uint64_t spans) {
    spans_dropped_.Add({{"reason", reason}}).Increment(static_cast<double>(spans));
  };
  drop("overflow", report.overflowed);
  drop("undelivered", report.undelivered);
  drop("refused", report.refused);
}

void service_metrics::count(const restart_event& event) {
  restarts_.Add({{"actor", actors_.admit(kind_of_actor(event.actor))}}).Increment();
}

void service_metrics::count(const codec_status& status) {
  codec_processes_.Set(status.running);
  raise_to(codec_recycled_, status.recycled);
  raise_to(codec_retries_, status.retried_calls);
  raise_to(prepared_before_, status.prepared_before);
  for (std::size_t i = 0; i < status.losses.size(); ++i) {
    raise_to(codec_losses_.Add({{"reason", std::string{codec_loss_names[i]}}}), status.losses[i]);
  }
}

void service_metrics::count(const tree_report& report) {
  std::map<std::string, std::uint64_t> longest;
  for (const auto& mailbox : report.mailboxes) {
    auto& most = longest[actors_.admit(kind_of_actor(mailbox.actor))];
    most = std::max(most, mailbox.messages);
  }
  for (const auto& [actor, messages] : longest) {
    mailboxes_.Add({{"actor", actor}}).Set(static_cast<double>(messages));
    restarts_.Add({{"actor", actor}});  // there at 0
  }
  abandoned_.Set(report.abandoned);
}

void service_metrics::count(const health_report& report) {
  for (const health_check& check : report.checks) {
    const double value = check.state == health_state::healthy    ? 0
                         : check.state == health_state::degraded ? 1
                                                                 : 2;
    health_.Add({{"part", check.name}}).Set(value);
  }
}

}  // namespace stayler::adapters
