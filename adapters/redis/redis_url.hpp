// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

struct redis_address {
  std::string host;  ///< a name or an address, an IPv6 one without brackets
  std::uint16_t port = 6379;

  friend bool operator==(const redis_address&, const redis_address&) = default;
};

/// HOST:PORT, with brackets where the host has colons.
std::string to_string(const redis_address& address);

/// Who logs in; empty user: the default one; empty password: nobody does.
struct redis_login {
  std::string user;
  std::string password;
};

/// Where Redis is and how to get in.
struct redis_options {
  /// Servers: one, nodes of a cluster, or a master and its replicas. Where `service` is set they
  /// are Sentinels. Empty where unix_socket is set.
  std::vector<redis_address> addresses;
  std::string service;         ///< the name that the Sentinels have for the master
  redis_login sentinel_login;  ///< at the Sentinels
  std::string unix_socket;     ///< path
  redis_login login;
  std::uint32_t database = 0;
  bool with_tls = false;
  std::string tls_authorities;      ///< PEM file; empty: those that the system trusts,
  std::string further_authorities;  ///< and those of this PEM file; empty: no others
  milliseconds connect_timeout{1'000};
  milliseconds command_timeout{2'000};
};

/// What a URL of one of these forms says; user, password and service may be percent-encoded:
///   redis://[[user]:password@]host[:port][,host[:port]...][/database]
///   redis+sentinel://[[user]:password@]host[:port][,...]/service[/database]
///   unix://[[user]:password@]/path/to/socket
/// rediss and rediss+sentinel are the same over TLS. The parameter db=NUMBER stands for /database;
/// Sentinels that want a login get sentinel_user and sentinel_password. invalid_input, with a
/// message that names what is wrong and does not repeat the URL: it may hold a password.
result<redis_options> parse_redis_url(std::string_view text);

/// The forms above, for humans.
std::string_view redis_url_forms();

}  // namespace stayler::adapters
