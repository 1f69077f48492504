// SPDX-License-Identifier: MIT
#include "http/api/api.hpp"

#include "http/api/routes/user_scope.hpp"
#include "http/api/routes/routes.hpp"

#include <utility>

namespace stayler::http {

namespace {

context_ptr make_context(const bridge& actors, const api_options& options) {
  return std::make_shared<const api_context>(api_context{actors, options, options.clock->now()});
}

/// Counts an answer where the metrics are.
void count(const bridge& actors, const call_report& done) {
  actors.run([event =
                  http_event{done.route, done.method, done.status, done.took}](bridge_self* self) {
    if (self->state.parts && self->state.parts->metrics) {
      self->send(self->state.parts->metrics, event);
    }
  });
}

/// Whether a call is of the kind that changes something, whatever became of it. A caller that
/// nobody knows and that calls too often is not worth a record each time.
bool is_state_change(const call_report& done, bool is_guarded) {
  const bool is_flood = is_guarded && done.key.empty() && done.status == 429;
  return done.method != "GET" && done.method != "HEAD" && done.route != no_route && !is_flood;
}

/// Before each endpoint the authorizer, and for keys that name users what keeps them to these.
void stand_guard(router& routes, const context_ptr& api) {
  routes.authorize_with([authorizer = api->options.access_control](const request& req, std::string_view route) {
    return authorizer->admit(req, route, std::chrono::steady_clock::now());
  });
  routes.wrap_endpoints([api](std::string_view method, std::string_view route, endpoint what) {
    return restrict_to_own_users(api, access_of(method, route).scope, std::move(what));
  });
}

handler serving(router routes, const context_ptr& api) {
  routes.observe([api](const call_report& done) {
    count(api->actors, done);
    if (is_state_change(done, api->options.access_control != nullptr)) {
      api->options.audit->add(
          {api->now(), done.remote_address, done.key, done.method + " " + done.route, done.target,
           done.request_id, done.status}
      );
    }
  });
  return [table = std::make_shared<const router>(std::move(routes)
          )](request req, const responder_ptr& to) { table->dispatch(std::move(req), to); };
}

}  // namespace

handler make_api(const bridge& actors, const api_options& options) {
  const auto api = make_context(actors, options);
  router routes;
  add_job_routes(routes, api);
  add_event_routes(routes, api);
  add_worker_routes(routes, api);
  add_config_routes(routes, api);
  add_image_routes(routes, api);
  add_health_routes(routes, api);
  add_metrics_routes(routes, api);
  if (options.access_control) {
    stand_guard(routes, api);
  }
  return serving(std::move(routes), api);
}

handler make_health_api(const bridge& actors, const api_options& options) {
  const auto api = make_context(actors, options);
  router routes;
  add_health_routes(routes, api);
  add_metrics_routes(routes, api);
  return serving(std::move(routes), api);
}

std::size_t body_limit(
    const api_options& options, std::string_view method, std::string_view path
) noexcept {
  if (method != "POST") {
    return options.max_body_bytes;
  }
  return path == "/images"              ? options.max_image_bytes
         : path == "/worker/jobs"       ? options.max_job_bytes
         : path == "/worker/jobs/batch" ? options.max_batch_bytes
                                        : options.max_body_bytes;
}

}  // namespace stayler::http
