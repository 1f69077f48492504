// SPDX-License-Identifier: MIT

// /worker/dead-letters

#include "http/api/json/jobs/retry_json.hpp"
#include "http/api/routes/jobs/job_requests.hpp"
#include "http/api/routes/user_data/user_scope.hpp"
#include "messages/jobs/submission.hpp"

#include <utility>

namespace stayler::http {

namespace {

void get_dead_letters(const context_ptr& api, const exchange_ptr& exchange) {
  auto query = parse_job_query(exchange->request);
  query.filter.statuses = {job_status::failed};
  list_jobs(api, exchange, std::move(query));
}

void retry_dead_letters(const context_ptr& api, const exchange_ptr& exchange) {
  auto parsed = parse_job_filter(exchange->request.body);
  if (!parsed.problems.empty()) {
    exchange->send(invalid_answer(parsed.problems));
    return;
  }
  if (auto refusal = resolve_user_id(exchange->caller, parsed.filter.user_id)) {
    exchange->send(std::move(*refusal));
    return;
  }
  const auto render = [](const retry_report& report) {
    return make_json(200, render_retry_report(report));
  };
  api->actors.ask<retry_report>(
      &actors::directory::queue, respond_with(exchange, render), retry_atom_v, parsed.filter
  );
}

void drop_dead_letter(const context_ptr& api, const exchange_ptr& exchange) {
  show_job(api, exchange, drop_atom_v, 200);
}

}  // namespace

void add_dead_letter_routes(router& routes, const context_ptr& api) {
  routes.add("GET", "/worker/dead-letters", bind_context(api, get_dead_letters));
  routes.add(
      "POST", "/worker/dead-letters/retry", require_json(bind_context(api, retry_dead_letters))
  );
  routes.add("DELETE", "/worker/dead-letters/{id}", bind_context(api, drop_dead_letter));
}

}  // namespace stayler::http
