// SPDX-License-Identifier: MIT
#include "adapters/url/web_origins.hpp"

#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <cstdint>

namespace stayler::adapters {

namespace {

/// The origin in the form of RFC 6454, 6.2, or nothing.
std::optional<std::string> parse_origin(std::string_view text) {
  const auto parsed = parse_url(text);
  if (!parsed || (parsed->scheme != "http" && parsed->scheme != "https")) {
    return std::nullopt;
  }
  const url_authority& where = parsed->authority;
  const bool is_v6 = where.host.find(':') != std::string::npos;
  std::string origin = parsed->scheme + "://";
  origin += is_v6 ? "[" + where.host + "]" : to_lower(where.host);
  if (!is_v6 && (where.host.empty() || !is_alphanumeric(where.host, ".-_"))) {
    return std::nullopt;
  }
  const bool has_port = !where.port.empty();
  if (has_port && parse_number<std::uint16_t>(where.port).value_or(0) == 0) {
    return std::nullopt;
  }
  // Whatever else stands there, a path or credentials, is no part of an origin.
  const std::string whole = origin + (has_port ? ":" + where.port : "");
  if (!equals_ignoring_case(whole, text)) {
    return std::nullopt;
  }
  const bool is_usual = where.port == (parsed->scheme == "http" ? "80" : "443");
  return has_port && !is_usual ? whole : origin;
}

}  // namespace

std::optional<std::vector<std::string>> parse_web_origins(std::string_view text) {
  std::vector<std::string> origins;
  // A comma at the end would otherwise pass unseen.
  if (text.empty() || text.ends_with(',')) {
    return std::nullopt;
  }
  while (!text.empty()) {
    auto origin = parse_origin(trim(take_until(text, ",")));
    if (!origin) {
      return std::nullopt;
    }
    origins.push_back(std::move(*origin));
  }
  return origins;
}

}  // namespace stayler::adapters
