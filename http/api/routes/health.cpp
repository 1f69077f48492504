// SPDX-License-Identifier: MIT

// /health, /health/live, /health/ready and /health/started: what probes ask.

#include "http/api/json/worker/status_json.hpp"
#include "http/api/routes/routes.hpp"

namespace stayler::http {

namespace {

using actors::directory;

/// Asks for a report (status_atom: of all parts; probe_atom: of what readiness is about) and
/// answers 200 or 503 by `is_well`. A service whose health nobody can tell is starting, or about to
/// restart: not well.
template <class Atom>
void respond_by_health(
    const context_ptr& api,
    const exchange_ptr& exchange,
    Atom which,
    bool (*is_well)(const health_report&)
) {
  const auto on_report = [api, exchange, is_well](const result<health_report>& found) {
    const health_report unknown{health_state::starting, false, {}, api->now()};
    const auto& shown = found ? *found : unknown;
    const auto detail = detail_for(*api, exchange->caller);
    exchange->send(
        make_json(is_well(shown) ? 200 : 503, render_health(shown, api->options.version, detail))
    );
  };
  api->actors.ask<health_report>(&directory::health, on_report, which);
}

void get_health(const context_ptr& api, const exchange_ptr& exchange) {
  respond_by_health(api, exchange, status_atom_v, [](const health_report& found) {
    return found.state == health_state::healthy || found.state == health_state::degraded;
  });
}

void get_readiness(const context_ptr& api, const exchange_ptr& exchange) {
  respond_by_health(api, exchange, probe_atom_v, [](const health_report& found) {
    return found.is_ready;
  });
}

void get_start(const context_ptr& api, const exchange_ptr& exchange) {
  respond_by_health(api, exchange, probe_atom_v, [](const health_report& found) {
    return found.has_started;
  });
}

/// Asks nobody: a restart of the process would not help against what others suffer from.
void get_liveness(const context_ptr& api, const exchange_ptr& exchange) {
  exchange->send(make_json(200, render_message("alive", api->now())));
}

}  // namespace

void add_health_routes(router& routes, const context_ptr& api) {
  routes.add("GET", "/health", bind_context(api, get_health));
  routes.add("GET", "/health/live", bind_context(api, get_liveness));
  routes.add("GET", "/health/ready", bind_context(api, get_readiness));
  routes.add("GET", "/health/started", bind_context(api, get_start));
}

}  // namespace stayler::http
