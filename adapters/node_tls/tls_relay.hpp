// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/node_tls/node_address.hpp"
#include "adapters/node_tls/node_credentials.hpp"
#include "adapters/node_tls/peer_certificates.hpp"
#include "messages/base/time.hpp"

#include <cstddef>
#include <memory>

namespace stayler::adapters {

struct tls_relay_options {
  node_address listen;     ///< numeric; port 0: any free one
  node_address target;     ///< a name is looked up for each connection; its addresses take turns
  node_credentials front;  ///< shown to those who connect
  node_credentials back;   ///< shown to the target
  bool expects_target_name = false;  ///< the target's certificate has to be for the target's host
  std::shared_ptr<peer_certificates> peers;  ///< who is connected; null: nobody asks
  std::size_t max_open = 1'024;              ///< connections that have proved who they are
  std::size_t max_strangers = 128;           ///< that have not yet
  std::size_t max_strangers_each = 32;       ///< from one address
  milliseconds handshake_timeout{5'000};     ///< for each of the three: theirs, connect, ours
  milliseconds idle_timeout{20'000};         ///< a side that is silent for so long is gone
};

/// Stands before, or behind, a TLS port that must not be left alone with strangers: takes
/// connections by mutual TLS, and only once the other side has proved that it belongs to the
/// service connects to the target, by mutual TLS again, and passes the bytes on. What comes before
/// that has a deadline and a bound; beyond the bound the oldest stranger goes, not the newest: who
/// belongs here is done in milliseconds. Memory for each connection is fixed. Changed files count
/// within a second, for new connections and for open ones, which are closed when their certificate
/// has ended, or was revoked. What a message_gate stops ends its connection. Runs on a thread of
/// its own.
class tls_relay {
 public:
  /// Closes everything.
  virtual ~tls_relay() = default;

  /// Where it listens.
  [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;

  /// When the certificates in use expire, or one of those that they were signed by: that for those
  /// who connect, and that for the target. From any thread.
  [[nodiscard]] virtual timestamp front_expiry() const noexcept = 0;
  [[nodiscard]] virtual timestamp back_expiry() const noexcept = 0;
};

/// The errors of make_link_context(); unavailable, with the reason: the address is in use, or not
/// of this host.
result<std::unique_ptr<tls_relay>> start_tls_relay(const tls_relay_options& options);

}  // namespace stayler::adapters
