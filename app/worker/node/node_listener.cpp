// SPDX-License-Identifier: MIT
#include "app/worker/node/node_listener.hpp"

#include "actors/nodes/node_acceptor.hpp"
#include "adapters/node_tls/inner_identity.hpp"
#include "adapters/node_tls/tls_relay.hpp"
#include "app/worker/node/node_identity.hpp"
#include "app/worker/node/node_transport.hpp"

#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>

#include <iostream>
#include <memory>
#include <utility>

namespace stayler::app {

namespace {

constexpr const char* loopback = "127.0.0.1";

/// Lets nodes join while it is open.
class node_listener {
 public:
  explicit node_listener(adapters::inner_identity inner) : inner_(std::move(inner)) {}

  [[nodiscard]] adapters::node_credentials inner() const { return inner_.files(); }

  node_identity_actor start_identity(caf::actor_system& system) {
    identity_ = system.spawn(node_identity, peers_);
    return identity_;
  }

  void_result open(
      const settings& config, caf::actor_system& system, const supervisor_actor& supervisor
  ) {
    acceptor_ = system.spawn(actors::node_acceptor, supervisor);
    const auto caf_port = caf::openssl::publish(node_acceptor_actor{acceptor_}, 0, loopback);
    if (!caf_port) {
      return failure{
          error_class::unavailable,
          "NODE_LISTEN: CAF cannot listen on loopback: " + system.render(caf_port.error())};
    }
    adapters::tls_relay_options options;
    options.listen = *adapters::parse_listen_address(config.node_listen);
    options.target = {loopback, *caf_port};
    options.front = credentials_from(config);
    options.back = inner();
    options.peers = peers_;
    auto relay = adapters::start_tls_relay(options);
    if (!relay) {
      return failure{relay.error().kind, "NODE_LISTEN: " + relay.error().message};
    }
    relay_ = std::move(*relay);
    options.listen.port = relay_->port();
    std::cout << "stayler-worker nodes on " << to_string(options.listen) << std::endl;
    return ok();
  }

  void close() {
    relay_.reset();
    caf::anon_send_exit(acceptor_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(identity_, caf::exit_reason::user_shutdown);
    acceptor_ = nullptr;
    identity_ = nullptr;
  }

 private:
  adapters::inner_identity inner_;
  std::shared_ptr<adapters::peer_certificates> peers_ =
      std::make_shared<adapters::peer_certificates>();
  node_identity_actor identity_;
  actors::node_acceptor_impl acceptor_;
  std::unique_ptr<adapters::tls_relay> relay_;
};

}  // namespace

void_result plan_node_listener(
    const settings& config, actors::tree_choices choices, process_plan& plan
) {
  auto inner = adapters::inner_identity::make();
  if (!inner) {
    return std::move(inner).error();
  }
  const auto listener = std::make_shared<node_listener>(std::move(*inner));
  plan.configure = [listener](caf::actor_system_config& to) {
    configure_transport(listener->inner(), to);
  };
  plan.make_tree = [config, choices,
                    listener](caf::actor_system& system, const actors::service_adapters& open) {
    actors::tree_choices with_nodes = choices;
    with_nodes.identities = listener->start_identity(system);
    return actors::make_service_tree(open, config.ping_timeout, with_nodes);
  };
  plan.open = [config, listener](caf::actor_system& system, const supervisor_actor& supervisor) {
    return listener->open(config, system, supervisor);
  };
  plan.close = [listener] { listener->close(); };
  return ok();
}

}  // namespace stayler::app
