// SPDX-License-Identifier: MIT
#include "app/gemini_sim/callers/credentials.hpp"

#include <algorithm>

namespace stayler::sim {

std::string key_source(const http::request& request) {
  if (request.header("x-goog-api-key")) {
    return "header";
  }
  return request.parameter("key") ? "query" : "none";
}

std::optional<google_error> check_key(
    const http::request& request, const std::vector<std::string>& accepted
) {
  const auto in_header = request.header("x-goog-api-key");
  const auto in_query = request.parameter("key");
  const bool has_token = request.header("authorization").has_value();
  if ((in_header ? 1 : 0) + (in_query ? 1 : 0) + (has_token ? 1 : 0) > 1) {
    return invalid_argument(
        "Multiple authentication credentials received. Please pass only one of: x-goog-api-key, "
        "key, Authorization."
    );
  }
  if (has_token) {
    return google_error{
        401,
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
        "cookie or other valid authentication credential.",
        {error_info("ACCESS_TOKEN_TYPE_UNSUPPORTED")}};
  }
  const auto key = in_header ? *in_header : in_query.value_or("");
  if (key.empty()) {
    return google_error{
        403,
        "PERMISSION_DENIED",
        "Method doesn't allow unregistered callers (callers without established identity). Please "
        "use API Key or other form of API consumer identity to call this API.",
        {}};
  }
  const bool is_listed = accepted.empty() || std::ranges::find(accepted, key) != accepted.end();
  if (!is_listed || key.starts_with("invalid")) {
    constexpr auto message = "API key not valid. Please pass a valid API key.";
    return google_error{
        400,
        "INVALID_ARGUMENT",
        message,
        {error_info("API_KEY_INVALID"), localized_message(message)}};
  }
  return std::nullopt;
}

}  // namespace stayler::sim
