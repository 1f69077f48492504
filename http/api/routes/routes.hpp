// SPDX-License-Identifier: MIT
#pragma once

// What the resources of the API have in common, and where each enters its routes.

#include "http/api/answers.hpp"
#include "http/api/api.hpp"
#include "http/api/router.hpp"

#include <memory>
#include <utility>

namespace stayler::http {

struct api_context {
  bridge actors;
  api_options options;
  timestamp started_at;

  [[nodiscard]] timestamp now() const { return options.clock->now(); }
};

using context_ptr = std::shared_ptr<const api_context>;

void add_job_routes(router& to, const context_ptr& api);
void add_event_routes(router& to, const context_ptr& api);
void add_worker_routes(router& to, const context_ptr& api);
void add_config_routes(router& to, const context_ptr& api);
void add_image_routes(router& to, const context_ptr& api);
void add_health_routes(router& to, const context_ptr& api);
void add_metrics_routes(router& to, const context_ptr& api);

/// For bridge::ask: answers with what `render` makes of the value, or with the failure.
template <class Render>
auto answering(const call_ptr& c, Render render) {
  return [c, render](auto outcome) {
    c->to->send(outcome ? render(*outcome) : failure_answer(outcome.error()));
  };
}

/// An endpoint that has the context at hand.
inline endpoint with(
    const context_ptr& api, void (*what)(const context_ptr& api, const call_ptr& c)
) {
  return [api, what](const call_ptr& c) { what(api, c); };
}

}  // namespace stayler::http
