// SPDX-License-Identifier: MIT
#include "app/worker/node/node_identity.hpp"

#include "actors/support/handle.hpp"
#include "actors/support/reply_promise.hpp"

#include <caf/io/all.hpp>

#include <utility>

namespace stayler::app {

namespace {

/// CAF answers from its tables.
constexpr milliseconds look_up_timeout{5'000};

}  // namespace

void node_identity_state::begin(pointer self, std::shared_ptr<adapters::peer_certificates> peers) {
  self_ = self;
  actors::end_by_exception(self);
  peers_ = std::move(peers);
}

node_identity_actor::behavior_type node_identity_state::make_behavior() {
  return {actors::handle<find_atom>(*this, &node_identity_state::find)};
}

caf::result<unit_value> node_identity_state::find(
    const caf::node_id& process, const std::string& wanted
) {
  const auto promise = actors::make_shared_reply_promise<unit_value>(self_);
  const auto on_found = [this, promise,
                         wanted](const caf::node_id&, const std::string&, std::uint16_t port) {
    const auto verdict = peers_->check(port, wanted);
    verdict ? promise->deliver(unit_value{}) : promise->fail(verdict.error());
  };
  self_
      ->request(
          self_->system().middleman().actor_handle(), look_up_timeout, caf::get_atom_v, process
      )
      .then(on_found, [promise](const caf::error& why) { promise->fail(actors::to_failure(why)); });
  return caf::delegated<unit_value>{};
}

node_identity_actor::behavior_type node_identity(
    node_identity_state::pointer self, std::shared_ptr<adapters::peer_certificates> peers
) {
  self->state.begin(self, std::move(peers));
  return self->state.make_behavior();
}

}  // namespace stayler::app
