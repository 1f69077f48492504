// SPDX-License-Identifier: MIT
#include "app/worker/node/node_connector.hpp"

#include "actors/support/reply_promise.hpp"

#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>

#include <random>
#include <set>
#include <utility>

namespace stayler::app {

namespace {

using self_pointer = node_connector_actor::stateful_pointer<node_connector_state>;

/// The relay itself gives up before that, and says why in the log.
constexpr std::chrono::seconds connect_timeout{18};

failure no_way(const std::string& address, const caf::error& why) {
  return {
      error_class::connection,
      "coordinator " + address + " cannot be reached, or one side does not accept the other's "
          + "certificate (" + caf::to_string(why) + ")",
      {}};
}

failure stranger(const std::string& address) {
  return {
      error_class::conflict,
      "what listens at " + address + " is no coordinator, or one of another version",
      {}};
}

caf::result<caf::actor> connect(self_pointer self) {
  auto& state = self->state;
  const coordinator_route& route = state.routes[state.next++ % state.routes.size()];
  const auto answer = actors::make_shared_reply_promise<caf::actor>(self);
  const auto connected =
      [self, answer,
       address =
           route
               .address](const caf::node_id&, const caf::strong_actor_ptr& port, const std::set<std::string>& interface) {
        const bool fits = port != nullptr && self->system().assignable<node_acceptor_actor>(interface);
        fits ? answer->deliver(caf::actor_cast<caf::actor>(port)) : answer->fail(stranger(address));
      };
  self->request(
          self->system().openssl_manager().actor_handle(), connect_timeout, caf::connect_atom_v,
          std::string{"127.0.0.1"}, route.relay_port
  )
      .then(connected, [answer, address = route.address](const caf::error& why) {
        answer->fail(no_way(address, why));
      });
  return caf::delegated<caf::actor>{};
}

}  // namespace

node_connector_actor::behavior_type node_connector(
    self_pointer self, std::vector<coordinator_route> routes
) {
  actors::end_by_exception(self);
  self->state.next = std::random_device{}() % routes.size();
  self->state.routes = std::move(routes);
  return {[self](caf::connect_atom) { return connect(self); }};
}

}  // namespace stayler::app
