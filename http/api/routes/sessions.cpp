// SPDX-License-Identifier: MIT

// /worker/session: a cookie in place of a key, for pages of the service itself

#include "adapters/json/json_writer.hpp"
#include "http/api/json/members/json_members.hpp"
#include "http/api/routes/routes.hpp"
#include "http/api/sessions/session_cookie.hpp"

#include <utility>

namespace stayler::http {

namespace {

/// What the holder of a key is told about itself; `ends`: of its session.
void write_caller(
    adapters::json_writer& json, const context_ptr& api, const caller& who, timestamp ends
) {
  json.field("name", who.key).field("role", to_string(who.role)).key("users").begin_array();
  for (const auto& user : who.users) {
    json.value(user);
  }
  json.end_array().field("version", api->options.version);
  write_time_or_null(json, "expiresAt", ends);
}

std::string render_session(const context_ptr& api, const caller& who, timestamp ends) {
  const bool needs_key = api->options.access_control != nullptr;
  const bool is_signed_in = !needs_key || !who.key.empty();
  adapters::json_writer json;
  json.begin_object().field("signedIn", is_signed_in).field("keyNeeded", needs_key);
  if (is_signed_in) {
    write_caller(json, api, who, ends);
  }
  json.field("instance", api->options.instance_name);
  json.field("serverTime", to_rfc3339(api->now())).end_object();
  return std::move(json).text();
}

response with_cookie(
    const context_ptr& api, const exchange_ptr& exchange, response answer, std::string_view value
) {
  const auto& origins = api->options.origins;
  const bool is_encrypted = came_encrypted(exchange->request, origins && origins->is_encrypted);
  answer.headers.emplace_back("Set-Cookie", session_cookie(value, is_encrypted));
  return answer;
}

void get_session(const context_ptr& api, const exchange_ptr& exchange) {
  const auto& who = exchange->caller;
  exchange->send(make_json(200, render_session(api, who, who.session_ends)));
}

void begin_session(const context_ptr& api, const exchange_ptr& exchange) {
  const auto& who = exchange->caller;
  exchange->responder->set_target(who.key);
  if (!api->options.access_control) {
    exchange->send(refusal_answer(
        {error_class::conflict, "there are no API keys (WORKER_API_KEYS): no session is needed"}
    ));
    return;
  }
  if (is_set(who.session_ends)) {
    exchange->send(refusal_answer(
        {error_class::permission, "a session begins with a key: Authorization: Bearer KEY"}
    ));
    return;
  }
  const auto ends = std::chrono::floor<std::chrono::seconds>(api->now()) + session_length;
  const auto value = api->options.access_control->sign_session(who, ends);
  if (!value) {
    exchange->send(refusal_answer({error_class::authentication, "this API key is not known"}));
    return;
  }
  exchange->send(with_cookie(api, exchange, make_json(201, render_session(api, who, ends)), *value)
  );
}

void end_session(const context_ptr& api, const exchange_ptr& exchange) {
  exchange->responder->set_target(exchange->caller.key);
  response answer;
  answer.status = 204;
  exchange->send(with_cookie(api, exchange, std::move(answer), ""));
}

}  // namespace

void add_session_routes(router& routes, const context_ptr& api) {
  routes.add("GET", "/worker/session", bind_context(api, get_session));
  routes.add("POST", "/worker/session", bind_context(api, begin_session));
  routes.add("DELETE", "/worker/session", bind_context(api, end_session));
}

}  // namespace stayler::http
