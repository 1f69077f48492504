// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace stayler::http {

/// What a proxy says at the beginning of a connection of whom it speaks for: the PROXY protocol,
/// versions 1 and 2 (https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt).
struct proxy_header {
  enum class state : std::uint8_t { incomplete, complete, malformed };
  state now = state::malformed;
  std::size_t wanted = 0;  ///< incomplete: so many bytes more are the header's in any case
  /// complete: the caller's address; empty where the proxy speaks for itself, as for its checks of
  /// health, or the caller has no address.
  std::string source;
};

/// No header is longer: what proxies tell besides, and is ignored here, included.
inline constexpr std::size_t max_proxy_header_bytes = 4096;

/// Reads the header, or says how much of it is missing. Who reads no more than is wanted each time
/// takes nothing of what follows the header.
proxy_header parse_proxy_header(std::string_view bytes);

}  // namespace stayler::http
