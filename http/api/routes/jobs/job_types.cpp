// SPDX-License-Identifier: MIT

// /worker/types: all jobs of one type pause_type, and go on.

#include "http/api/json/worker/status_json.hpp"
#include "http/api/routes/routes.hpp"

namespace stayler::http {

namespace {

void set_paused(const context_ptr& api, const exchange_ptr& exchange, bool is_paused) {
  const auto type = parse_job_type(exchange->id);
  if (!type) {
    exchange->send(no_such_answer("job type"));
    return;
  }
  const std::string message = exchange->id + (is_paused ? " is paused" : " goes on");
  const auto render = [api, message](unit_value) {
    return make_json(200, render_message(message, api->now()));
  };
  api->actors.ask<unit_value>(
      &actors::directory::queue, respond_with(exchange, render), pause_atom_v, *type, is_paused
  );
}

void pause_type(const context_ptr& api, const exchange_ptr& exchange) {
  set_paused(api, exchange, true);
}

void resume_type(const context_ptr& api, const exchange_ptr& exchange) {
  set_paused(api, exchange, false);
}

}  // namespace

void add_job_type_routes(router& routes, const context_ptr& api) {
  routes.add("POST", "/worker/types/{id}/pause", bind_context(api, pause_type));
  routes.add("POST", "/worker/types/{id}/resume", bind_context(api, resume_type));
}

}  // namespace stayler::http
