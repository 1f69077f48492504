// SPDX-License-Identifier: MIT

// /health, /health/live and /health/ready: what probes ask.

#include "http/api/routes/routes.hpp"
#include "http/api/json/status_json.hpp"

namespace stayler::http {

namespace {

using actors::directory;

/// Asks for the report and answers 200 or 503 by `is_well`. A service scope health nobody can tell
/// is starting, or about to restart: not well.
void report(const context_ptr& api, const call_ptr& c, bool (*is_well)(const health_report&)) {
  const auto on_report = [api, c, is_well](const result<health_report>& found) {
    const health_report unknown{health_state::starting, false, {}, api->now()};
    const auto& shown = found ? *found : unknown;
    c->to->send(make_json(is_well(shown) ? 200 : 503, render_health(shown, api->options.version)));
  };
  api->actors.ask<health_report>(&directory::health, on_report, status_atom_v);
}

void show(const context_ptr& api, const call_ptr& c) {
  report(api, c, [](const health_report& found) {
    return found.state == health_state::healthy || found.state == health_state::degraded;
  });
}

void show_ready(const context_ptr& api, const call_ptr& c) {
  report(api, c, [](const health_report& found) { return found.is_ready; });
}

/// Asks nobody: a restart of the process would not help against what others suffer from.
void show_live(const context_ptr& api, const call_ptr& c) {
  c->to->send(make_json(200, render_message("alive", api->now())));
}

}  // namespace

void add_health_routes(router& to, const context_ptr& api) {
  to.add("GET", "/health", with(api, show));
  to.add("GET", "/health/live", with(api, show_live));
  to.add("GET", "/health/ready", with(api, show_ready));
}

}  // namespace stayler::http
