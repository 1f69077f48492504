// SPDX-License-Identifier: MIT
#include "app/worker/node/node_listener.hpp"

#include "actors/nodes/node_acceptor.hpp"
#include "adapters/node_tls/tls_relay.hpp"
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
    options.files = credentials_from(config);
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
    acceptor_ = nullptr;
  }

 private:
  actors::node_acceptor_impl acceptor_;
  std::unique_ptr<adapters::tls_relay> relay_;
};

}  // namespace

void plan_node_listener(const settings& config, process_plan& plan) {
  const auto listener = std::make_shared<node_listener>();
  plan.configure = [config](caf::actor_system_config& to) { configure_transport(config, to); };
  plan.open = [config, listener](caf::actor_system& system, const supervisor_actor& supervisor) {
    return listener->open(config, system, supervisor);
  };
  plan.close = [listener] { listener->close(); };
}

}  // namespace stayler::app
