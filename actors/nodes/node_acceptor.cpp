// SPDX-License-Identifier: MIT
#include "actors/nodes/node_acceptor.hpp"

#include "actors/support/failure.hpp"

namespace stayler::actors {

namespace {

using self_pointer = node_acceptor_impl::stateful_pointer<node_acceptor_state>;

caf::result<node_welcome, caf::actor> take_in(
    self_pointer self, const node_hello& hello, const caf::actor& link
) {
  if (!self->state.gateway) {
    return to_error({error_class::unavailable, "the coordinator is starting", {}});
  }
  return self->delegate(self->state.gateway, join_atom_v, hello, link);
}

}  // namespace

node_acceptor_impl::behavior_type node_acceptor(self_pointer self, const supervisor_actor& supervisor) {
  end_by_exception(self);
  self->send(supervisor, watch_atom_v, caf::actor_cast<caf::actor>(self));
  return {
      [self](join_atom, const node_hello& hello, const caf::actor& link) {
        return take_in(self, hello, link);
      },
      [self](const directory& parts) { self->state.gateway = parts.nodes; },
  };
}

}  // namespace stayler::actors
