// SPDX-License-Identifier: MIT

// /users/{id}/data: all that is kept of a user, to be taken away or erased.

#include "http/api/export/user_archive.hpp"
#include "http/api/json/user_data_json.hpp"
#include "http/api/links/stream_tickets.hpp"
#include "http/api/routes/routes.hpp"
#include "messages/base/uuid.hpp"
#include "messages/jobs/user_id.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace stayler::http {

namespace {

using actors::directory;

/// Archives that are being sent at a time, in all and of one key.
constexpr std::size_t most_archives = 8;
constexpr std::size_t most_archives_of_key = 4;

/// No user has such an id; there is nothing of theirs.
bool refuse_bad_user(const exchange_ptr& exchange) {
  if (is_user_id(exchange->id)) {
    return false;
  }
  exchange->send(no_such_answer("user"));
  return true;
}

void erase_data(const context_ptr& api, const exchange_ptr& exchange) {
  if (refuse_bad_user(exchange)) {
    return;
  }
  const auto render = [api, exchange](const erasure& begun) {
    exchange->responder->set_details("erasure " + to_string(begun.id));
    auto answer = make_json(202, render_erasure(begun));
    answer.headers.emplace_back("Location", "/worker/erasures/" + to_string(begun.id));
    return answer;
  };
  api->actors.ask<erasure>(
      &directory::user_data, respond_with(exchange, render), erase_atom_v, exchange->id
  );
}

/// An erasure is for the keys of its user, whom its tag stands for, and of all users.
bool may_see(const api_context& api, const caller& caller, const erasure& found) {
  return !caller.is_limited() || std::ranges::any_of(caller.users, [&](const std::string& user) {
    return api.options.tags->of(user) == found.user_tag;
  });
}

void get_erasure(const context_ptr& api, const exchange_ptr& exchange) {
  const auto id = parse_uuid(exchange->id);
  if (!id) {
    exchange->send(no_such_answer("erasure"));
    return;
  }
  const auto on_answer = [api, exchange](const result<erasure>& found) {
    const bool is_hidden = found ? !may_see(*api, exchange->caller, *found)
                                 : found.error().kind == error_class::not_found;
    if (is_hidden) {
      exchange->send(no_such_answer("erasure"));
    } else {
      exchange->send(
          found ? make_json(200, render_erasure(*found)) : failure_answer(found.error())
      );
    }
  };
  api->actors.ask<erasure>(&directory::user_data, on_answer, find_atom_v, *id);
}

void get_data(const context_ptr& api, stream_tickets& tickets, const exchange_ptr& exchange) {
  if (refuse_bad_user(exchange)) {
    return;
  }
  auto ticket = tickets.take(exchange->caller.key);
  if (!ticket) {
    exchange->send(failure_answer(ticket.error()));
    return;
  }
  response answer;
  answer.headers = {
      {"Content-Type", "application/x-tar"},
      {"Content-Disposition", R"(attachment; filename="user-data.tar")"}};
  answer.stream = std::make_shared<user_archive>(
      api->actors, exchange->caller, exchange->id, api->now(), *std::move(ticket)
  );
  exchange->send(std::move(answer));
}

}  // namespace

void add_user_data_routes(router& routes, const context_ptr& api) {
  const auto tickets = std::make_shared<stream_tickets>(most_archives, most_archives_of_key);
  routes.add("GET", "/users/{id}/data", [api, tickets](const exchange_ptr& exchange) {
    get_data(api, *tickets, exchange);
  });
  routes.add("DELETE", "/users/{id}/data", bind_context(api, erase_data));
  routes.add("GET", "/worker/erasures/{id}", bind_context(api, get_erasure));
}

}  // namespace stayler::http
