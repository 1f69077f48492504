// SPDX-License-Identifier: MIT

// /metrics

#include "http/api/routes/routes.hpp"

namespace stayler::http {

namespace {

void show(const context_ptr& api, const call_ptr& c) {
  const auto render = [](std::string& text) {
    response answer;
    answer.headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}};
    answer.body = std::move(text);
    return answer;
  };
  api->actors.run([api, c, render](bridge_self* self) {
    if (self->state.config.enable_metrics) {
      api->actors.ask<std::string>(
          &actors::directory::metrics, answering(c, render), render_atom_v
      );
    } else {
      c->to->send(failure_answer({error_class::not_found, "WORKER_ENABLE_METRICS is off", {}}));
    }
  });
}

}  // namespace

void add_metrics_routes(router& to, const context_ptr& api) {
  to.add("GET", "/metrics", with(api, show));
}

}  // namespace stayler::http
