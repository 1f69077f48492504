// SPDX-License-Identifier: MIT

// /worker/types: all jobs of one type pause, and go on.

#include "http/api/json/jobs/pause_json.hpp"
#include "http/api/routes/routes.hpp"

#include <string>
#include <utility>

namespace stayler::http {

namespace {

auto answer_change(const context_ptr& api, const exchange_ptr& exchange) {
  return respond_with(exchange, [api, exchange](const pause_change& change) {
    exchange->responder->set_details(describe_pause_change(change));
    return make_json(200, render_pause_change(exchange->id, change, api->now()));
  });
}

void pause_type(const context_ptr& api, const exchange_ptr& exchange) {
  auto parsed = parse_pause(exchange->request.body, api->now());
  if (!parsed.problems.empty()) {
    exchange->send(invalid_answer(parsed.problems));
    return;
  }
  const auto type = parse_job_type(exchange->id);
  if (!type) {
    exchange->send(no_such_answer("job type"));
    return;
  }
  parsed.wanted.type = *type;
  parsed.wanted.by = exchange->caller.key;
  api->actors.ask<pause_change>(
      &actors::directory::queue, answer_change(api, exchange), pause_atom_v,
      std::move(parsed.wanted)
  );
}

void resume_type(const context_ptr& api, const exchange_ptr& exchange) {
  const auto type = parse_job_type(exchange->id);
  if (!type) {
    exchange->send(no_such_answer("job type"));
    return;
  }
  api->actors.ask<pause_change>(
      &actors::directory::queue, answer_change(api, exchange), resume_atom_v, *type,
      std::string{exchange->caller.key}
  );
}

}  // namespace

void add_job_type_routes(router& routes, const context_ptr& api) {
  routes.add("POST", "/worker/types/{id}/pause", require_json(bind_context(api, pause_type)));
  routes.add("POST", "/worker/types/{id}/resume", bind_context(api, resume_type));
}

}  // namespace stayler::http
