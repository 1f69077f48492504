// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/service/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// Hosts that may be called.
struct host_pattern {
  std::string host;        ///< in lower case; ".example.org": every name that ends so
  std::uint16_t port = 0;  ///< 0: the usual one of the URL's scheme

  friend bool operator==(const host_pattern&, const host_pattern&) = default;
};

/// Which URLs that callers name may be called; none unless something is said.
struct url_rules {
  std::vector<host_pattern> hosts;
  bool allows_private = false;                  ///< also addresses that are not public
  std::string_view option = "IMAGE_URL_ALLOW";  ///< that says so, for messages
};

/// What an option such as IMAGE_URL_ALLOW says: "cdn.example.com,*.example.org,images.local:8080".
/// Nothing where it is malformed.
std::optional<std::vector<host_pattern>> parse_host_patterns(std::string_view text);

/// What the options say: IMAGE_URL_ALLOW, IMAGE_URL_ALLOW_PRIVATE.
url_rules image_url_rules_from(const settings& config);

/// Where jobs may have their notifications posted: WORKER_WEBHOOK_URL_ALLOW and
/// WORKER_WEBHOOK_URL_ALLOW_PRIVATE.
url_rules webhook_url_rules_from(const settings& config);

/// The URL as it is to be called, where it is http(s), without credentials, at a host that is
/// allowed, which is not an address that is forbidden. invalid_input with a message that says what
/// is wrong with it and does not repeat it: its query may hold a signature.
result<std::string> check_url(std::string_view url, const url_rules& rules);

/// The same for where a redirect from `base`, a checked URL, leads to; nothing leads from https to
/// http.
result<std::string> check_redirect(
    const std::string& base, std::string_view location, const url_rules& rules
);

/// The host of a checked URL, for messages.
std::string host_of(const std::string& url);

/// Scheme, host and port of a URL, the port only where it is not the scheme's usual one:
/// "https://example.com:8443". Relative to `base` where that is given; empty where it is no http(s)
/// URL.
std::string origin_of(const std::string& url, const std::string& base = {});

}  // namespace stayler::adapters
