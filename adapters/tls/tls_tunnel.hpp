// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace stayler::adapters {

struct tls_tunnel_options {
  std::string host;  ///< a name or an address: what the server's certificate has to be for
  std::uint16_t port = 0;
  std::string authorities;          ///< PEM file; empty: those that the system trusts,
  std::string further_authorities;  ///< and those of this PEM file; empty: no others
  milliseconds open_timeout{0};     ///< for connection and handshake together
};

/// A TLS connection for a client library that speaks only plain text: what is written to its
/// socket, which only this process has, goes to the server encrypted, and the other way round. A
/// thread of its own carries the bytes; when one side closes, so does the other.
class tls_tunnel {
 public:
  /// Closes the connection.
  virtual ~tls_tunnel() = default;

  /// The library's end, which it is to close. Once.
  [[nodiscard]] virtual int take_socket() noexcept = 0;
};

/// Connects, and checks the server's certificate and its name. Blocks. unavailable, with the
/// reason; also where the certificate is not accepted, which may be mended at the server.
result<std::unique_ptr<tls_tunnel>> open_tls_tunnel(const tls_tunnel_options& options);

}  // namespace stayler::adapters
