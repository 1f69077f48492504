// SPDX-License-Identifier: MIT

// /worker/notifications: what is open or given up, and its delivery by hand.

#include "http/api/json/notification_json.hpp"
#include "http/api/routes/routes.hpp"

#include <utility>

namespace stayler::http {

namespace {

using actors::directory;

void get_notifications(const context_ptr& api, const exchange_ptr& exchange) {
  auto parsed = parse_notification_query(exchange->request);
  if (!parsed.problems.empty()) {
    exchange->send(invalid_answer(parsed.problems));
    return;
  }
  const auto render = [](const notification_page& page) {
    return make_json(200, render_notification_page(page));
  };
  api->actors.ask<notification_page>(
      &directory::notifier, respond_with(exchange, render), list_atom_v, std::move(parsed.filter)
  );
}

void redeliver_notification(const context_ptr& api, const exchange_ptr& exchange) {
  const auto on_answer = [exchange](const result<kept_notification>& open) {
    if (open) {
      exchange->send(make_json(202, render_notification(*open)));
    } else if (open.error().kind == error_class::not_found) {
      exchange->send(no_such_answer("notification"));
    } else {
      exchange->send(failure_answer(open.error()));
    }
  };
  api->actors.ask<kept_notification>(
      &directory::notifier, on_answer, redeliver_atom_v, exchange->id
  );
}

void redeliver_notifications(const context_ptr& api, const exchange_ptr& exchange) {
  auto parsed = parse_redelivery(exchange->request.body);
  if (!parsed.problems.empty()) {
    exchange->send(invalid_answer(parsed.problems));
    return;
  }
  const auto render = [exchange](const redelivery_report& report) {
    exchange->responder->set_details(std::to_string(report.redelivered) + " redelivered");
    return make_json(200, render_redelivery(report));
  };
  api->actors.ask<redelivery_report>(
      &directory::notifier, respond_with(exchange, render), redeliver_atom_v,
      std::move(parsed.filter)
  );
}

}  // namespace

void add_notification_routes(router& routes, const context_ptr& api) {
  routes.add("GET", "/worker/notifications", bind_context(api, get_notifications));
  routes.add(
      "POST", "/worker/notifications/redeliver",
      require_json(bind_context(api, redeliver_notifications))
  );
  routes.add(
      "POST", "/worker/notifications/{id}/redeliver", bind_context(api, redeliver_notification)
  );
}

}  // namespace stayler::http
