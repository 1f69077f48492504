// SPDX-License-Identifier: MIT
#include "http/api/browsers/preflight.hpp"

#include <string>

namespace stayler::http {

namespace {

/// Those that a page sets itself, and a browser asks for: the key, what a body is, and what makes a
/// call repeatable, traceable or partial.
constexpr const char* request_headers =
    "Authorization, X-API-Key, Content-Type, Idempotency-Key, X-Request-Id, Last-Event-ID, Range, "
    "If-Range, If-None-Match";

/// Two hours: Chromium remembers no answer for longer.
constexpr const char* seconds_to_remember = "7200";

}  // namespace

std::optional<response> answer_preflight(
    const request& head, const origin_rules& rules, std::string_view allowed_methods
) {
  const auto origin = head.header("origin");
  if (head.method != "OPTIONS" || !origin || !head.header("access-control-request-method")) {
    return std::nullopt;
  }
  if (auto refusal = check_origin(head, rules)) {
    return refusal;
  }
  if (!rules.allows(*origin)) {
    return make_problem(403, "Forbidden", "pages of other sites may not make this call");
  }
  if (allowed_methods.empty()) {
    return make_problem(404, "Not Found", "there is nothing at this path");
  }
  response answer;
  answer.status = 204;
  answer.headers = {
      {"Access-Control-Allow-Methods", std::string{allowed_methods}},
      {"Access-Control-Allow-Headers", request_headers},
      {"Access-Control-Max-Age", seconds_to_remember}};
  return answer;
}

}  // namespace stayler::http
