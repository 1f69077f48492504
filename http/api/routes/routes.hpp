// SPDX-License-Identifier: MIT
#pragma once

// What the resources of the API have in common, and where each enters its routes.

#include "http/api/answers.hpp"
#include "http/api/api.hpp"
#include "http/api/bulk/bulk_operation.hpp"
#include "http/api/bulk/bulk_preview.hpp"
#include "http/api/intake/job_intake.hpp"
#include "http/api/intake/owner_lookup.hpp"
#include "http/api/json/worker/status_json.hpp"
#include "http/api/overview/overview_board.hpp"
#include "http/api/router.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace stayler::http {

/// What the endpoints need.
struct api_context {
  bridge actors;
  api_options options;
  timestamp started_at;
  std::shared_ptr<owner_lookup> owners;
  std::shared_ptr<job_intake> intake;
  std::shared_ptr<overview_board> overview;
  std::shared_ptr<operation_list> operations;
  std::shared_ptr<const bulk_tokens> tokens;

  [[nodiscard]] timestamp now() const { return options.clock->now(); }
};

using context_ptr = std::shared_ptr<const api_context>;

void add_job_submission_routes(router& routes, const context_ptr& api);
void add_job_routes(router& routes, const context_ptr& api);
void add_job_batch_routes(router& routes, const context_ptr& api);
void add_dead_letter_routes(router& routes, const context_ptr& api);
void add_job_type_routes(router& routes, const context_ptr& api);
void add_notification_routes(router& routes, const context_ptr& api);
void add_event_routes(router& routes, const context_ptr& api);
void add_worker_routes(router& routes, const context_ptr& api);
void add_config_routes(router& routes, const context_ptr& api);
void add_image_routes(router& routes, const context_ptr& api);
void add_link_routes(router& routes, const context_ptr& api);
void add_session_routes(router& routes, const context_ptr& api);
void add_overview_routes(router& routes, const context_ptr& api);
void add_bulk_routes(router& routes, const context_ptr& api);
void add_health_routes(router& routes, const context_ptr& api);
void add_user_data_routes(router& routes, const context_ptr& api);
void add_audit_routes(router& routes, const context_ptr& api);
void add_metrics_routes(router& routes, const context_ptr& api);
void add_contract_routes(router& routes);

/// How much of the service's health that caller is shown: where there are keys, the reasons are for
/// keys that are for all users.
inline health_detail detail_for(const api_context& api, const caller& caller) {
  const bool is_operator =
      !api.options.access_control || (!caller.key.empty() && !caller.is_limited());
  return is_operator ? health_detail::reasons : health_detail::states;
}

/// For bridge::ask: answers with what `render` makes of the value, or with the failure.
template <class Render>
auto respond_with(const exchange_ptr& exchange, Render render) {
  return [exchange, render](auto outcome) {
    exchange->send(outcome ? render(*outcome) : failure_answer(outcome.error()));
  };
}

/// An endpoint that has the context at hand.
inline endpoint bind_context(
    const context_ptr& api, void (*handle)(const context_ptr& api, const exchange_ptr& exchange)
) {
  return [api, handle](const exchange_ptr& exchange) { handle(api, exchange); };
}

/// An endpoint that a request reaches only where its body may be JSON: 415 otherwise.
inline endpoint require_json(endpoint next) {
  return [next = std::move(next)](const exchange_ptr& exchange) {
    if (auto refusal = check_json_body(exchange->request)) {
      exchange->send(std::move(*refusal));
    } else {
      next(exchange);
    }
  };
}

/// Calls `task` with the current settings, on the bridge's actor, which has them at hand. Bodies
/// are read there as well: the server's I/O thread is not held up by a batch of megabytes.
inline void with_settings(const context_ptr& api, std::function<void(const settings&)> task) {
  api->actors.run([task = std::move(task)](bridge_self* self) { task(self->state.config); });
}

}  // namespace stayler::http
