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

/// Takes nodes in while it is open.
class node_listener {
 public:
  void_result open(
      const settings& config, caf::actor_system& system, const supervisor_actor& supervisor
  ) {
    port_ = system.spawn(actors::node_acceptor, supervisor);
    const auto inner = caf::openssl::publish(node_acceptor_actor{port_}, 0, loopback);
    if (!inner) {
      return failure{
          error_class::unavailable,
          "NODE_LISTEN: CAF cannot listen on loopback: " + system.render(inner.error()),
          {}};
    }
    adapters::tls_relay_options options;
    options.listen = *adapters::parse_listen_address(config.node_listen);
    options.target = {loopback, *inner};
    options.files = credentials_from(config);
    auto relay = adapters::start_tls_relay(options);
    if (!relay) {
      return failure{relay.error().kind, "NODE_LISTEN: " + relay.error().message, {}};
    }
    relay_ = std::move(*relay);
    options.listen.port = relay_->port();
    std::cout << "stayler-worker nodes on " << to_string(options.listen) << std::endl;
    return ok();
  }

  void close() {
    relay_.reset();
    caf::anon_send_exit(port_, caf::exit_reason::user_shutdown);
    port_ = nullptr;
  }

 private:
  actors::node_acceptor_impl port_;
  std::unique_ptr<adapters::tls_relay> relay_;
};

}  // namespace

void_result plan_node_listener(const settings& config, process_plan& plan) {
  if (auto fits = adapters::check_credentials(credentials_from(config)); !fits) {
    return fits;
  }
  const auto door = std::make_shared<node_listener>();
  plan.configure = [config](caf::actor_system_config& to) { configure_links(config, to); };
  plan.open = [config, door](caf::actor_system& system, const supervisor_actor& supervisor) {
    return door->open(config, system, supervisor);
  };
  plan.close = [door] { door->close(); };
  return ok();
}

}  // namespace stayler::app
