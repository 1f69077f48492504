// SPDX-License-Identifier: MIT
#include "http/api/browsers/browser_headers.hpp"

#include <algorithm>

namespace stayler::http {

namespace {

using fields = std::vector<std::pair<std::string, std::string>>;

/// What a page may read of an answer's head besides what every page may.
constexpr const char* exposed_headers =
    "Location, X-Request-Id, Retry-After, ETag, Content-Range, Accept-Ranges, "
    "Content-Disposition, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset";

fields common_fields(std::chrono::seconds hsts_max_age, bool has_allowed_origins) {
  fields made{
      {"X-Content-Type-Options", "nosniff"},
      {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", "no-store"}};
  if (hsts_max_age.count() > 0) {
    made.emplace_back(
        "Strict-Transport-Security", "max-age=" + std::to_string(hsts_max_age.count())
    );
  }
  if (has_allowed_origins) {
    // Also where there is no Origin: what a cache has kept of that must not be given to a page.
    made.emplace_back("Vary", "Origin");
  }
  return made;
}

fields usual_fields(std::chrono::seconds hsts_max_age, bool has_allowed_origins) {
  auto made = common_fields(hsts_max_age, has_allowed_origins);
  made.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  return made;
}

// No Access-Control-Allow-Credentials: keys are in headers, and cookies are none of ours.
fields fields_for(const std::string& origin, std::chrono::seconds hsts_max_age) {
  auto made = common_fields(hsts_max_age, true);
  made.emplace_back("Cross-Origin-Resource-Policy", "cross-origin");
  made.emplace_back("Access-Control-Allow-Origin", origin);
  made.emplace_back("Access-Control-Expose-Headers", exposed_headers);
  return made;
}

}  // namespace

browser_headers::browser_headers(
    std::chrono::seconds hsts_max_age, const std::vector<std::string>& allowed_origins
)
    : usual_(usual_fields(hsts_max_age, !allowed_origins.empty())) {
  by_origin_.reserve(allowed_origins.size());
  for (const std::string& each : allowed_origins) {
    by_origin_.emplace_back(each, standing_headers{fields_for(each, hsts_max_age)});
  }
}

const standing_headers& browser_headers::of(const request& head) const {
  if (by_origin_.empty()) {
    return usual_;
  }
  const auto origin = head.header("origin").value_or("");
  const auto own = std::ranges::find(by_origin_, origin, &decltype(by_origin_)::value_type::first);
  return own == by_origin_.end() ? usual_ : own->second;
}

}  // namespace stayler::http
