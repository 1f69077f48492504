// SPDX-License-Identifier: MIT
#pragma once

#include "messages/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace stayler::app {

/// A coordinator, and the port on loopback from which a relay leads to it.
struct coordinator_route {
  std::string address;  ///< for messages
  std::uint16_t relay_port = 0;
};

/// Connects to the coordinators in turn, beginning with any of them. Asks CAF's own connecting
/// actor, which has a thread of its own, and so never blocks.
class node_connector_state {
 public:
  static inline const char* name = "node_connector";

  using pointer = node_connector_actor::stateful_pointer<node_connector_state>;

  void begin(pointer self, std::vector<coordinator_route> routes);
  node_connector_actor::behavior_type make_behavior();

 private:
  caf::result<caf::actor> connect();

  pointer self_ = nullptr;
  std::vector<coordinator_route> routes_;
  std::size_t next_ = 0;
};

node_connector_actor::behavior_type node_connector(
    node_connector_state::pointer self, std::vector<coordinator_route> routes
);

}  // namespace stayler::app
