// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// Where a Redis server is and how to get in.
struct redis_options {
  std::string host;  ///< a name or an address; empty where unix_socket is set
  std::uint16_t port = 6379;
  std::string unix_socket;  ///< path
  std::string user;         ///< empty: the default user
  std::string password;     ///< empty: none
  std::uint32_t database = 0;
  bool with_tls = false;
  std::string tls_authorities;      ///< PEM file; empty: those that the system trusts,
  std::string further_authorities;  ///< and those of this PEM file; empty: no others
  milliseconds connect_timeout{1'000};
  milliseconds command_timeout{2'000};
};

/// What a URL of one of these forms says; user and password may be percent-encoded:
///   redis://[[user]:password@]host[:port][/database]     rediss:// is the same over TLS
///   unix://[[user]:password@]/path/to/socket[?db=database]
/// invalid_input, with a message that does not repeat the URL: it may hold a password.
result<redis_options> parse_redis_url(std::string_view text);

}  // namespace stayler::adapters
