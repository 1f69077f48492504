// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/node_tls/peer_certificates.hpp"
#include "messages/protocol.hpp"

#include <memory>

namespace stayler::app {

/// Knows what the certificate of a connected process is for: CAF says from which port the process
/// comes, and the relay, to which that port belongs, whose connection it is.
class node_identity_state {
 public:
  static inline const char* name = "node_identity";

  using pointer = node_identity_actor::stateful_pointer<node_identity_state>;

  void begin(pointer self, std::shared_ptr<adapters::peer_certificates> peers);
  node_identity_actor::behavior_type make_behavior();

 private:
  caf::result<unit_value> find(const caf::node_id& process, const std::string& wanted);

  pointer self_ = nullptr;
  std::shared_ptr<adapters::peer_certificates> peers_;
};

node_identity_actor::behavior_type node_identity(
    node_identity_state::pointer self, std::shared_ptr<adapters::peer_certificates> peers
);

}  // namespace stayler::app
