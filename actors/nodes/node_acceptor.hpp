// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/directory.hpp"
#include "messages/protocol.hpp"

namespace stayler::actors {

/// What the port hears beside its public interface.
using node_acceptor_impl = node_acceptor_actor::extend<
    /// From the supervisor: who is who from now on.
    caf::reacts_to<directory>>;

struct node_acceptor_state {
  static inline const char* name = "node_acceptor";

  /// Not an aggregate: CAF 0.17 would make the handle below of the actor itself.
  node_acceptor_state() = default;

  node_gateway_actor gateway;
};

/// What a coordinator publishes for its nodes: it stays while gateways come and go, and passes
/// each hello on to the one that is there. Unavailable while there is none.
node_acceptor_impl::behavior_type node_acceptor(
    node_acceptor_impl::stateful_pointer<node_acceptor_state> self, const supervisor_actor& supervisor
);

}  // namespace stayler::actors
