// SPDX-License-Identifier: MIT
#include "app/worker/node/node_connector.hpp"

#include "actors/support/handle.hpp"
#include "actors/support/reply_promise.hpp"

#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>

#include <random>
#include <set>
#include <utility>

namespace stayler::app {

namespace {

/// The relay itself gives up before that, and says why in the log.
constexpr std::chrono::seconds connect_timeout{18};

failure unreachable(const std::string& address, const caf::error& why) {
  return {
      error_class::connection, "coordinator " + address
                                   + " cannot be reached, or one side does not accept the other's "
                                   + "certificate (" + caf::to_string(why) + ")"};
}

failure no_coordinator_at(const std::string& address) {
  return {
      error_class::conflict,
      "what listens at " + address + " is no coordinator, or one of another version"};
}

}  // namespace

void node_connector_state::begin(pointer self, std::vector<coordinator_route> routes) {
  self_ = self;
  actors::end_by_exception(self);
  next_ = std::random_device{}() % routes.size();
  routes_ = std::move(routes);
}

node_connector_actor::behavior_type node_connector_state::make_behavior() {
  return {actors::handle<caf::connect_atom>(*this, &node_connector_state::connect)};
}

caf::result<caf::actor> node_connector_state::connect() {
  const coordinator_route& route = routes_[next_++ % routes_.size()];
  const auto promise = actors::make_shared_reply_promise<caf::actor>(self_);
  const auto connected =
      [this, promise,
       address =
           route
               .address](const caf::node_id&, const caf::strong_actor_ptr& acceptor, const std::set<std::string>& interface) {
        const bool fits =
            acceptor != nullptr && self_->system().assignable<node_acceptor_actor>(interface);
        fits ? promise->deliver(caf::actor_cast<caf::actor>(acceptor))
             : promise->fail(no_coordinator_at(address));
      };
  self_
      ->request(
          self_->system().openssl_manager().actor_handle(), connect_timeout, caf::connect_atom_v,
          std::string{"127.0.0.1"}, route.relay_port
      )
      .then(connected, [promise, address = route.address](const caf::error& why) {
        promise->fail(unreachable(address, why));
      });
  return caf::delegated<caf::actor>{};
}

node_connector_actor::behavior_type node_connector(
    node_connector_state::pointer self, std::vector<coordinator_route> routes
) {
  self->state.begin(self, std::move(routes));
  return self->state.make_behavior();
}

}  // namespace stayler::app
