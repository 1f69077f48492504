// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::adapters {

/// Where a URL leads, all parts decoded.
struct url_authority {
  bool has_credentials = false;
  std::string user;
  std::string password;
  std::string host;         ///< an IPv6 address without its brackets
  bool is_address = false;  ///< the host is a numeric address
  std::string port;         ///< digits, as they stand there; empty where there are none
};

/// A URL taken apart, all parts decoded.
struct url {
  std::string scheme;  ///< in lower case
  url_authority authority;
  std::string path;
  std::vector<std::pair<std::string, std::string>> parameters;  ///< of the query
  bool has_fragment = false;
};

/// Takes SCHEME://... apart; invalid_input, which says "it is no URL" or what is wrong with its
/// port. Characters that should be percent-encoded and are not stand for themselves: passwords
/// have them.
result<url> parse_url(std::string_view text);

/// Takes HOST:PORT apart; nothing where it is malformed.
std::optional<url_authority> parse_authority(std::string_view text);

/// Escapes all but letters, digits and "-._~".
std::string encode_percent(std::string_view text);

/// Resolves escapes; nothing where one is broken or means NUL. `plus_is_space`: as in a form.
std::optional<std::string> decode_percent(std::string_view text, bool plus_is_space = false);

}  // namespace stayler::adapters
