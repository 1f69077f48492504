// SPDX-License-Identifier: MIT
#include "actors/nodes/node_acceptor.hpp"

#include "actors/support/failure.hpp"
#include "actors/support/handle.hpp"

namespace stayler::actors {

void node_acceptor_state::begin(pointer self, const supervisor_actor& supervisor) {
  self_ = self;
  end_by_exception(self);
  self->send(supervisor, watch_atom_v, caf::actor_cast<caf::actor>(self));
}

node_acceptor_impl::behavior_type node_acceptor_state::make_behavior() {
  return {
      handle<join_atom>(*this, &node_acceptor_state::join),
      [this](const directory& parts) { gateway_ = parts.nodes; },
  };
}

caf::result<node_welcome, caf::actor> node_acceptor_state::join(
    const node_hello& hello, const caf::actor& link
) {
  if (!gateway_) {
    return to_error({error_class::unavailable, "the coordinator is starting"});
  }
  return self_->delegate(gateway_, join_atom_v, hello, link);
}

node_acceptor_impl::behavior_type node_acceptor(
    node_acceptor_state::pointer self, const supervisor_actor& supervisor
) {
  self->state.begin(self, supervisor);
  return self->state.make_behavior();
}

}  // namespace stayler::actors
