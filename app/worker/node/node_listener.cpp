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
#include <vector>

namespace stayler::app {

namespace {

constexpr const char* loopback = "127.0.0.1";

/// Lets nodes and quarantines join while it is open.
class node_listener {
 public:
  node_listener(
      adapters::inner_identity inner, std::shared_ptr<adapters::process_quarantines> quarantines
  )
      : inner_(std::move(inner)), quarantines_(std::move(quarantines)) {}

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
          "nodes: CAF cannot listen on loopback: " + system.render(caf_port.error())};
    }
    auto opened = config.node_listen.empty() ? ok() : open_to_nodes(config, *caf_port);
    if (opened && quarantines_) {
      opened = open_to_quarantines(*caf_port);
    }
    return opened;
  }

  /// When the certificate for nodes expires; not set where none are taken in.
  [[nodiscard]] timestamp certificate_expiry() const {
    return to_nodes_ != nullptr ? to_nodes_->front_expiry() : timestamp{};
  }

  void close() {
    to_nodes_ = nullptr;
    quarantines_.reset();
    relays_.clear();
    caf::anon_send_exit(acceptor_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(identity_, caf::exit_reason::user_shutdown);
    acceptor_ = nullptr;
    identity_ = nullptr;
  }

 private:
  void_result open_to_nodes(const settings& config, std::uint16_t caf_port) {
    auto address = *adapters::parse_listen_address(config.node_listen);
    const auto port = open_relay(address, credentials_from(config), caf_port);
    if (!port) {
      return failure{port.error().kind, "NODE_LISTEN: " + port.error().message};
    }
    address.port = *port;
    to_nodes_ = relays_.back().get();
    std::cout << "stayler-worker nodes on " << to_string(address) << std::endl;
    return ok();
  }

  void_result open_to_quarantines(std::uint16_t caf_port) {
    const auto port = open_relay({loopback, 0}, quarantines_->credentials(), caf_port);
    if (!port) {
      return port.error();
    }
    quarantines_->set_coordinator_port(*port);
    return ok();
  }

  /// Returns the port that it has.
  result<std::uint16_t> open_relay(
      const adapters::node_address& at,
      const adapters::node_credentials& front,
      std::uint16_t caf_port
  ) {
    adapters::tls_relay_options options;
    options.listen = at;
    options.target = {loopback, caf_port};
    options.front = front;
    options.back = inner();
    options.peers = peers_;
    auto relay = adapters::start_tls_relay(options);
    if (!relay) {
      return std::move(relay).error();
    }
    relays_.push_back(std::move(*relay));
    return relays_.back()->port();
  }

  adapters::inner_identity inner_;
  std::shared_ptr<adapters::process_quarantines> quarantines_;  ///< null: there are none
  std::shared_ptr<adapters::peer_certificates> peers_ =
      std::make_shared<adapters::peer_certificates>();
  node_identity_actor identity_;
  actors::node_acceptor_impl acceptor_;
  std::vector<std::unique_ptr<adapters::tls_relay>> relays_;
  const adapters::tls_relay* to_nodes_ = nullptr;  ///< of them, where nodes come in
};

}  // namespace

void_result plan_node_listener(
    const settings& config,
    actors::tree_choices choices,
    std::shared_ptr<adapters::process_quarantines> quarantines,
    process_plan& plan
) {
  auto inner = adapters::inner_identity::make();
  if (!inner) {
    return std::move(inner).error();
  }
  const auto listener = std::make_shared<node_listener>(std::move(*inner), std::move(quarantines));
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
  if (!config.node_listen.empty()) {
    plan.node_certificate_expiry = [listener] { return listener->certificate_expiry(); };
  }
  plan.close = [listener] { listener->close(); };
  return ok();
}

}  // namespace stayler::app
