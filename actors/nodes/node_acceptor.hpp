// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/directory.hpp"
#include "messages/protocol.hpp"

namespace stayler::actors {

/// What the acceptor handles beside its public interface.
using node_acceptor_impl = node_acceptor_actor::extend<
    /// From the supervisor: the actors as they are from now on.
    caf::reacts_to<directory>>;

/// What a coordinator publishes for its nodes: it stays while gateways come and go, and passes
/// each hello on to the gateway that is there. Unavailable while there is none.
class node_acceptor_state {
 public:
  static inline const char* name = "node_acceptor";

  using pointer = node_acceptor_impl::stateful_pointer<node_acceptor_state>;

  void begin(pointer self, const supervisor_actor& supervisor);
  node_acceptor_impl::behavior_type make_behavior();

 private:
  caf::result<node_welcome, caf::actor> join(const node_hello& hello, const caf::actor& link);

  pointer self_ = nullptr;
  node_gateway_actor gateway_;  ///< null while there is none
};

node_acceptor_impl::behavior_type node_acceptor(
    node_acceptor_state::pointer self, const supervisor_actor& supervisor
);

}  // namespace stayler::actors
