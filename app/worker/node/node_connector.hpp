// SPDX-License-Identifier: MIT
#pragma once

#include "messages/protocol.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stayler::app {

/// A coordinator, and the port on loopback from which a relay leads to it.
struct coordinator_route {
  std::string address;  ///< for messages
  std::uint16_t relay_port = 0;
};

struct node_connector_state {
  static inline const char* name = "node_connector";

  std::vector<coordinator_route> routes;
  std::size_t next = 0;
};

/// Connects to the coordinators in turn, beginning with any of them. Asks CAF's own connecting
/// actor, which has a thread of its own, and so never blocks.
node_connector_actor::behavior_type node_connector(
    node_connector_actor::stateful_pointer<node_connector_state> self,
    std::vector<coordinator_route> routes
);

}  // namespace stayler::app
