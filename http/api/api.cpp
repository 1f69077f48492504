// SPDX-License-Identifier: MIT
#include "http/api/api.hpp"

#include "adapters/audit/stranger_tally.hpp"
#include "adapters/log/log.hpp"
#include "http/api/browsers/preflight.hpp"
#include "http/api/dashboard/dashboard.hpp"
#include "http/api/overview/overview_ticker.hpp"
#include "http/api/routes/routes.hpp"
#include "http/api/routes/user_data/user_scope.hpp"
#include "http/server/connections/network.hpp"

#include <utility>

namespace stayler::http {

namespace {

using adapters::logs::http::log;

context_ptr make_context(const bridge& actors, const api_options& options) {
  return std::make_shared<const api_context>(api_context{
      actors, options, options.clock->now(), std::make_shared<owner_lookup>(actors.timeout()),
      std::make_shared<job_intake>(actors.timeout(), options.tracing.spans),
      std::make_shared<overview_board>(options.instance_name), std::make_shared<operation_list>(),
      std::make_shared<const bulk_tokens>(options.signing_secret)});
}

/// A caller learns the class of what went wrong inside, and the operator, by the request's id, what
/// it was.
void write_cause(const exchange_report& done) {
  if (!done.cause.empty()) {
    log.warning(
        "a request failed", {{"method", done.method},
                             {"route", done.route},
                             {"status", done.status},
                             {"requestId", done.request_id},
                             {"traceId", trace_id_text(done.trace.place)},
                             {"reason", done.cause}}
    );
  }
}

void write_log(const exchange_report& done) {
  if (!log.writes(adapters::log_level::debug)) {
    return;
  }
  const std::chrono::duration<double, std::milli> took = done.took;
  log.debug(
      "request answered", {{"method", done.method},
                           {"route", done.route},
                           {"status", done.status},
                           {"tookMs", took.count()},
                           {"requestId", done.request_id},
                           {"traceId", trace_id_text(done.trace.place)},
                           {"who", done.remote_address}}
  );
}

/// Whether a caller was turned away whom nobody knows; where there are keys.
bool was_stranger(const exchange_report& done) {
  return done.key.empty() && (done.status == 401 || done.status == 429);
}

/// Whether a request is of the kind that changes something, whatever became of it.
bool is_state_change(const exchange_report& done) {
  return !only_looks(done.method) && done.route != no_route;
}

/// Of who takes a user's data away there is a record too, as of who changes something.
bool is_about_user(const exchange_report& done) {
  return done.route == "/users/{id}/data";
}

void write_audit(const api_context& api, const exchange_report& done) {
  // The trail outlives the user's data: it does not have their id.
  const std::string target = is_about_user(done) ? api.options.tags->of(done.target) : done.target;
  api.options.audit->add(
      {api.now(), done.remote_address, done.key, done.method + " " + done.route, target,
       done.request_id, done.status, done.details}
  );
}

/// Before each endpoint the authorizer and a look at where the call comes from, and for keys that
/// name users what keeps them to these.
void restrict_access(router& routes, const context_ptr& api) {
  routes.authorize_with([api](const request& received, std::string_view route) {
    const auto& options = api->options;
    auto made =
        options.access_control
            ? options.access_control->admit(received, route, std::chrono::steady_clock::now())
            : access_decision{};
    if (!made.refusal && options.origins) {
      made.refusal = check_origin(received, *options.origins);
    }
    return made;
  });
  if (!api->options.access_control) {
    return;
  }
  routes.wrap_endpoints([api](std::string_view method, std::string_view route, endpoint next) {
    return restrict_to_own_users(api, access_of(method, route).scope, std::move(next));
  });
}

/// Before each endpoint what browsers ask for pages of other sites.
void answer_preflights(router& routes, const context_ptr& api) {
  if (!api->options.origins) {
    return;
  }
  routes.answer_preflights_with([api](const request& received, std::string_view methods) {
    return answer_preflight(received, *api->options.origins, methods);
  });
}

handler make_handler(router routes, const context_ptr& api) {
  const auto strangers =
      api->options.access_control
          ? std::make_shared<adapters::stranger_tally>(api->options.audit, api->options.clock)
          : nullptr;
  routes.observe([api, strangers](const exchange_report& done) {
    api->actors.count({done.route, done.method, done.status, done.took});
    end_trace(api->options.tracing, done.trace, done.status);
    write_cause(done);
    write_log(done);
    if (strangers && was_stranger(done)) {
      strangers->count(network_of(done.remote_address));
    } else if (is_state_change(done) || is_about_user(done)) {
      write_audit(*api, done);
    }
  });
  const auto table = std::make_shared<const router>(std::move(routes));
  return [table](request received, responder_ptr responder) {
    table->dispatch(std::move(received), std::move(responder));
  };
}

router make_routes(const context_ptr& api) {
  router routes;
  add_job_submission_routes(routes, api);
  add_job_routes(routes, api);
  add_job_batch_routes(routes, api);
  add_dead_letter_routes(routes, api);
  add_job_type_routes(routes, api);
  add_notification_routes(routes, api);
  add_event_routes(routes, api);
  add_worker_routes(routes, api);
  add_config_routes(routes, api);
  add_image_routes(routes, api);
  add_link_routes(routes, api);
  add_session_routes(routes, api);
  add_overview_routes(routes, api);
  add_bulk_routes(routes, api);
  add_health_routes(routes, api);
  add_metrics_routes(routes, api);
  add_audit_routes(routes, api);
  add_user_data_routes(routes, api);
  add_contract_routes(routes);
  return routes;
}

}  // namespace

handler make_api(const bridge& actors, const api_options& options) {
  const auto api = make_context(actors, options);
  router routes = make_routes(api);
  // Pages, and no part of the contract.
  add_dashboard_routes(routes);
  routes.trace_with([api](const request& received, std::string_view route) {
    return begin_trace(api->options.tracing, received, route);
  });
  restrict_access(routes, api);
  answer_preflights(routes, api);
  keep_overview(actors, api->overview, options.clock, options.overview_interval);
  return make_handler(std::move(routes), api);
}

std::vector<route_name> list_routes(const bridge& actors, const api_options& options) {
  return make_routes(make_context(actors, options)).names();
}

handler make_health_api(const bridge& actors, const api_options& options) {
  const auto api = make_context(actors, options);
  router routes;
  add_health_routes(routes, api);
  add_metrics_routes(routes, api);
  return make_handler(std::move(routes), api);
}

bool reads_body(const api_options& options, const request& head) {
  return (!options.access_control || options.access_control->knows(head))
         && (!options.origins || !check_origin(head, *options.origins));
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
