// SPDX-License-Identifier: MIT

// /worker/audit: who has changed what.

#include "http/api/json/worker/audit_json.hpp"
#include "http/api/routes/routes.hpp"

#include <utility>

namespace stayler::http {

namespace {

void get_audit(const context_ptr& api, const exchange_ptr& exchange) {
  auto parsed = parse_audit_query(exchange->request);
  if (!parsed.problems.empty()) {
    exchange->send(invalid_answer(parsed.problems));
    return;
  }
  const auto render = [trail = api->options.worker_id](const adapters::audit_page& page) {
    return make_json(200, render_audit_page(page, trail));
  };
  api->options.audit->read(std::move(parsed.query), respond_with(exchange, render));
}

}  // namespace

void add_audit_routes(router& routes, const context_ptr& api) {
  routes.add("GET", "/worker/audit", bind_context(api, get_audit));
}

}  // namespace stayler::http
