// SPDX-License-Identifier: MIT

// /images/{id}/links and /worker/events/tickets: addresses that need no key

#include "http/api/json/image_json.hpp"
#include "http/api/json/link_json.hpp"
#include "http/api/json/members/json_fields.hpp"
#include "http/api/routes/routes.hpp"

#include <chrono>

namespace stayler::http {

namespace {

using namespace std::chrono_literals;

constexpr link_lifetime of_images{1h, 7 * 24h};

/// It has to be good only when the stream is opened, and when a browser opens it again.
constexpr link_lifetime of_tickets{10min, 24h};

/// Without keys, every address is good as it is.
std::string sign(
    const context_ptr& api, const exchange_ptr& exchange, const std::string& path, timestamp expires
) {
  const auto& access = api->options.access_control;
  return access ? access->sign_link(exchange->caller, path, expires) : path;
}

void send_link(const exchange_ptr& exchange, const signed_link& link) {
  exchange->send(make_json(201, render_link(link)));
}

void link_image(const context_ptr& api, const exchange_ptr& exchange) {
  const auto wanted = parse_image_link_request(exchange->request.body, of_images);
  if (!wanted.problems.empty()) {
    exchange->send(invalid_answer(wanted.problems));
    return;
  }
  if (!is_plain_id(exchange->id)) {
    exchange->send(no_such_answer("image"));
    return;
  }
  const auto on_row = [api, exchange,
                       expires = api->now() + wanted.lifetime](const result<image_record>& row) {
    if (!row) {
      exchange->send(failure_answer(row.error()));
      return;
    }
    signed_link link{sign(api, exchange, image_url(row->id), expires), "", expires};
    if (!row->thumbnail_key.empty()) {
      link.thumbnail_url = sign(api, exchange, thumbnail_url(row->id), expires);
    }
    send_link(exchange, link);
  };
  api->actors.ask<image_record>(&actors::directory::library, on_row, find_atom_v, exchange->id);
}

void send_ticket(
    const context_ptr& api, const exchange_ptr& exchange, const std::string& path, timestamp expires
) {
  send_link(exchange, {sign(api, exchange, path, expires), "", expires});
}

void make_job_ticket(
    const context_ptr& api, const exchange_ptr& exchange, const job_id& id, timestamp expires
) {
  const auto on_answer = [api, exchange, expires](const result<job>& found) {
    if (found && exchange->caller.may_act_for(found->request.user_id)) {
      send_ticket(api, exchange, "/worker/jobs/" + to_string(found->id) + "/events", expires);
    } else if (found || found.error().kind == error_class::not_found) {
      exchange->send(no_such_answer("job"));
    } else {
      exchange->send(failure_answer(found.error()));
    }
  };
  api->actors.ask<job>(&actors::directory::queue, on_answer, find_atom_v, id);
}

void make_ticket(const context_ptr& api, const exchange_ptr& exchange) {
  const auto wanted = parse_event_ticket_request(exchange->request.body, of_tickets);
  if (!wanted.problems.empty()) {
    exchange->send(invalid_answer(wanted.problems));
    return;
  }
  const auto expires = api->now() + wanted.lifetime;
  if (!wanted.job_id.empty()) {
    exchange->responder->set_target(wanted.job_id);
    if (const auto id = parse_job_id(wanted.job_id)) {
      make_job_ticket(api, exchange, *id, expires);
    } else {
      exchange->send(no_such_answer("job"));
    }
  } else if (exchange->caller.is_limited()) {
    exchange->send(refusal_answer(
        {error_class::permission, "the events of all jobs concern all users; the key "
                                      + exchange->caller.key
                                      + " is for some of them only: name a jobId"}
    ));
  } else {
    send_ticket(api, exchange, "/worker/events", expires);
  }
}

}  // namespace

void add_link_routes(router& routes, const context_ptr& api) {
  routes.add("POST", "/images/{id}/links", require_json(bind_context(api, link_image)));
  routes.add("POST", "/worker/events/tickets", require_json(bind_context(api, make_ticket)));
}

}  // namespace stayler::http
