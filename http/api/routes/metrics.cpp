// SPDX-License-Identifier: MIT

// /metrics

#include "http/api/routes/routes.hpp"

#include <string>
#include <utility>
#include <vector>

namespace stayler::http {

namespace {

http_memory_share share_of(std::string name, const byte_budget& budget) {
  const auto now = budget.now();
  return {std::move(name), now.held, now.limit, now.refused};
}

http_memory_report memory_report(const http_memory& memory) {
  return {
      {share_of("arriving", *memory.arriving), share_of("bodies", *memory.bodies),
       share_of("answers", *memory.answers)}};
}

route_report report_of(const std::vector<route_name>& routes) {
  route_report report;
  for (const auto& [method, pattern] : routes) {
    report.routes.push_back({method, pattern});
  }
  return report;
}

/// What is known without asking anybody reaches the metrics before they are rendered.
void report_to_metrics(const context_ptr& api) {
  api->actors.flush_counts();
  if (api->options.audit) {  // a node has none
    api->actors.tell_metrics(audit_report{api->options.audit->lost()});
  }
  if (api->options.memory) {
    api->actors.tell_metrics(memory_report(*api->options.memory));
  }
  if (api->options.event_streams) {
    api->actors.tell_metrics(event_streams_report{api->options.event_streams->open()});
  }
  if (!api->options.routes.empty()) {
    api->actors.tell_metrics(report_of(api->options.routes));
  }
  const auto& node_expiry = api->options.node_certificate_expiry;
  if (const timestamp expiry = node_expiry ? node_expiry() : timestamp{}; is_set(expiry)) {
    api->actors.tell_metrics(certificate_event{expiry, certificate_event::use::nodes});
  }
}

void get_metrics(const context_ptr& api, const exchange_ptr& exchange) {
  const auto render = [](std::string& text) {
    response answer;
    answer.headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}};
    answer.body = std::move(text);
    return answer;
  };
  with_settings(api, [api, exchange, render](const settings& config) {
    if (config.enable_metrics) {
      report_to_metrics(api);
      api->actors.ask<std::string>(
          &actors::directory::metrics, respond_with(exchange, render), render_atom_v
      );
    } else {
      exchange->send(failure_answer({error_class::not_found, "WORKER_ENABLE_METRICS is off"}));
    }
  });
}

}  // namespace

void add_metrics_routes(router& routes, const context_ptr& api) {
  routes.add("GET", "/metrics", bind_context(api, get_metrics));
}

}  // namespace stayler::http
