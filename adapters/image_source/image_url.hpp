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

/// Hosts that pictures may be fetched from.
struct host_pattern {
  std::string host;        ///< in lower case; ".example.org": every name that ends so
  std::uint16_t port = 0;  ///< 0: the usual one of the URL's scheme

  friend bool operator==(const host_pattern&, const host_pattern&) = default;
};

/// Which URLs pictures may be fetched from; none unless something is said.
struct image_url_rules {
  std::vector<host_pattern> hosts;
  bool allows_private = false;  ///< also addresses that are not public
};

/// What IMAGE_URL_ALLOW says: "cdn.example.com,*.example.org,images.local:8080". Nothing where it
/// is malformed.
std::optional<std::vector<host_pattern>> parse_host_patterns(std::string_view text);

/// What the options say: IMAGE_URL_ALLOW, IMAGE_URL_ALLOW_PRIVATE.
image_url_rules image_url_rules_from(const settings& config);

/// The URL as it is to be fetched, where it is http(s), without credentials, at a host that is
/// allowed, which is not an address that is forbidden. invalid_input with a message that says what
/// is wrong with it and does not repeat it: its query may hold a signature.
result<std::string> check_image_url(std::string_view url, const image_url_rules& rules);

/// The same for where a redirect from `base`, a checked URL, leads to; nothing leads from https to
/// http.
result<std::string> check_redirect(
    const std::string& base, std::string_view location, const image_url_rules& rules
);

/// The host of a checked URL, for messages.
std::string host_of(const std::string& url);

}  // namespace stayler::adapters
