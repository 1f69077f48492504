// SPDX-License-Identifier: MIT

// /metrics

#include "http/api/routes/routes.hpp"

#include <string>
#include <utility>

namespace stayler::http {

namespace {

/// The metrics get it before they are asked.
void report_audit(const context_ptr& api) {
  api->actors.run([lost = api->options.audit->lost()](bridge_self* self) {
    if (self->state.parts && self->state.parts->metrics) {
      self->send(self->state.parts->metrics, audit_report{lost});
    }
  });
}

http_memory_share share_of(std::string name, const byte_budget& budget) {
  const auto now = budget.now();
  return {std::move(name), now.held, now.limit, now.refused};
}

/// Before the metrics are rendered: one sender's messages arrive in their order.
void report_memory(const context_ptr& api) {
  if (!api->options.memory) {
    return;
  }
  const auto& memory = *api->options.memory;
  const http_memory_report report{
      {share_of("arriving", *memory.arriving), share_of("bodies", *memory.bodies),
       share_of("answers", *memory.answers)}};
  api->actors.run([report](bridge_self* self) {
    if (self->state.parts && self->state.parts->metrics) {
      self->send(self->state.parts->metrics, report);
    }
  });
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
      api->actors.flush_counts();
      report_audit(api);
      report_memory(api);
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
