// SPDX-License-Identifier: MIT

// /metrics

#include "http/api/routes/routes.hpp"

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
