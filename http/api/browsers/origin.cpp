// SPDX-License-Identifier: MIT
#include "http/api/browsers/origin.hpp"

#include "http/api/access/access.hpp"
#include "http/api/answers.hpp"
#include "http/api/dashboard/dashboard.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <string_view>

namespace stayler::http {

namespace {

constexpr std::string_view digits = "0123456789";

/// "host:port" as it stands there, but for the host's case. Nothing is decoded, as parse_authority
/// of adapters/url does: only the plain name is taken for this host.
struct plain_authority {
  std::string host;
  std::string port;  ///< empty where none is named

  friend bool operator==(const plain_authority&, const plain_authority&) = default;
};

plain_authority split_authority(std::string_view text) {
  const auto colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos
                        && text.find_first_not_of(digits, colon + 1) == std::string_view::npos;
  return has_port
             ? plain_authority{to_lower(text.substr(0, colon)), std::string{text.substr(colon + 1)}}
             : plain_authority{to_lower(text), ""};
}

bool names_this_host(std::string_view host_header, std::string_view listen_address) {
  const auto host = split_authority(host_header).host;
  return host == "127.0.0.1" || host == "localhost" || host == "[::1]"
         || equals_ignoring_case(host, listen_address)
         || equals_ignoring_case(host, "[" + std::string{listen_address} + "]");
}

/// Whether a page of that origin came from where its request goes.
bool is_own_origin(std::string_view origin, std::string_view host_header, bool may_be_https) {
  const std::string_view scheme = take_until(origin, ":");
  if (!origin.starts_with("//") || (scheme != "http" && (scheme != "https" || !may_be_https))) {
    return false;
  }
  origin.remove_prefix(2);
  const std::string_view usual_port = scheme == "http" ? "80" : "443";
  auto from = split_authority(origin);
  auto to = split_authority(host_header);
  for (auto* each : {&from, &to}) {
    each->port = each->port.empty() ? std::string{usual_port} : each->port;
  }
  return !from.host.empty() && from == to;
}

bool has_foreign_origin(const request& head, const origin_rules& rules) {
  const auto origin = head.header("origin");
  // With keys there may be a proxy in front that speaks TLS.
  const bool may_be_https = rules.has_keys || rules.is_encrypted;
  return origin && !rules.allows(*origin)
         && !is_own_origin(*origin, head.header("host").value_or(""), may_be_https);
}

bool is_of_another_site(const request& head, const origin_rules& rules) {
  if (rules.allows(head.header("origin").value_or(""))) {
    return false;
  }
  const auto site = to_lower(trim(head.header("sec-fetch-site").value_or("")));
  return site == "cross-site" || site == "same-site";
}

bool is_of_a_browser(const request& head) {
  return std::any_of(head.headers.begin(), head.headers.end(), [](const auto& field) {
    return field.first == "origin" || field.first.starts_with("sec-fetch-");
  });
}

bool announces_body(const request& head) {
  return head.header("transfer-encoding") || head.header("content-length").value_or("0") != "0";
}

bool may_change_something(const request& head) {
  return !only_looks(head.method) && head.method != "OPTIONS";
}

response refuse_other_site() {
  return make_problem(403, "Forbidden", "pages of other sites may not make this call");
}

/// Pictures come as forms too; who sends them is known by then.
std::optional<response> check_body_of_browser(const request& head) {
  if (!is_of_a_browser(head) || !announces_body(head) || head.path == "/images") {
    return std::nullopt;
  }
  return media_type(head.header("content-type").value_or("")) == "application/json"
             ? std::nullopt
             : std::optional{make_problem(
                 415, "Unsupported Media Type",
                 "a browser has to send a body as Content-Type: application/json"
             )};
}

std::optional<response> check_open_call(const request& head, const origin_rules& rules) {
  // Only HTTP/1.0 may leave it out, and no browser does.
  const auto host = head.header("host");
  if (host && !names_this_host(*host, rules.listen_address)) {
    return make_problem(
        421, "Misdirected Request",
        "without API keys the Host has to be 127.0.0.1, localhost, [::1] or WORKER_HTTP_ADDRESS"
    );
  }
  if (head.header("x-forwarded-for") || head.header("forwarded")) {
    return make_problem(
        403, "Forbidden", "calls that a proxy passes on need API keys (WORKER_API_KEYS)"
    );
  }
  if (has_foreign_origin(head, rules)
      || (is_of_another_site(head, rules) && !is_visit_of_dashboard(head))) {
    return refuse_other_site();
  }
  return check_body_of_browser(head);
}

}  // namespace

bool origin_rules::allows(std::string_view origin) const noexcept {
  return std::ranges::find(allowed_origins, origin) != allowed_origins.end();
}

bool is_of_own_page(const request& head) {
  if (const auto site = head.header("sec-fetch-site")) {
    return trim(*site) == "same-origin";
  }
  const auto origin = head.header("origin");
  return origin && is_own_origin(*origin, head.header("host").value_or(""), true);
}

std::optional<response> check_origin(const request& head, const origin_rules& rules) {
  if (!rules.has_keys) {
    return check_open_call(head, rules);
  }
  return may_change_something(head) && has_foreign_origin(head, rules)
             ? std::optional{refuse_other_site()}
             : std::nullopt;
}

}  // namespace stayler::http
