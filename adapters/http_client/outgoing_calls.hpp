// SPDX-License-Identifier: MIT
#pragma once

// How calls leave this machine: through which proxy, and whose certificates they believe.

#include "messages/base/result.hpp"
#include "messages/service/settings.hpp"

#include <string>
#include <string_view>

namespace stayler::adapters {

/// How the calls of one HTTP client leave. All empty: directly, and by the system's authorities.
struct outgoing_calls {
  std::string authorities;  ///< PEM file of authorities beside the system's
  std::string https_proxy;  ///< for https:// addresses, as parse_proxy_url() gives it
  std::string http_proxy;   ///< for http:// addresses, likewise
  std::string exceptions;   ///< called directly all the same, as parse_proxy_exceptions() gives it

  /// The same authorities, but no proxy.
  [[nodiscard]] outgoing_calls without_proxy() const { return {authorities, {}, {}, {}}; }

  /// The proxy for a call to that URL; empty: none.
  [[nodiscard]] const std::string& proxy_for(std::string_view url) const noexcept;
};

/// What the settings say, which have been checked.
outgoing_calls outgoing_calls_from(const settings& config);

/// The form of a proxy's address, for humans.
inline constexpr std::string_view proxy_url_form =
    "[http|https|socks5|socks5h://][user:password@]host[:port]";

/// A proxy's address with scheme and port, which are http and the scheme's own (80, 443, 1080)
/// unless given, and with user and password percent-encoded. invalid_input, with the reason, which
/// repeats nothing of the text: it may hold a password.
result<std::string> parse_proxy_url(std::string_view text);

/// A list as NO_PROXY has it, with commas or blanks between hosts, domains, addresses and networks,
/// or "*" for all, in the form that curl takes: ports, brackets and the "*." or "." in front of a
/// domain left out. A name stands for itself and all names below it, at all ports. invalid_input,
/// with the reason.
result<std::string> parse_proxy_exceptions(std::string_view text);

}  // namespace stayler::adapters
