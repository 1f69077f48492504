// SPDX-License-Identifier: MIT
#include "app/worker/node/node.hpp"

#include "adapters/log/log.hpp"
#include "adapters/node_tls/inner_identity.hpp"
#include "adapters/node_tls/tls_relay.hpp"
#include "app/worker/node/node_connector.hpp"
#include "app/worker/node/node_transport.hpp"
#include "app/worker/process/open_adapters.hpp"
#include "app/worker/process/process.hpp"
#include "messages/base/uuid.hpp"

#include <chrono>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

namespace stayler::app {

namespace {

using adapters::logs::nodes::log;

/// The routes to the coordinators: CAF connects to a relay on loopback, which has the deadlines
/// that CAF lacks for hosts that do not answer.
struct node_routes {
  adapters::inner_identity inner;
  std::vector<std::unique_ptr<adapters::tls_relay>> relays;
  std::vector<coordinator_route> routes;
  node_connector_actor connector;
};

result<std::shared_ptr<node_routes>> open_routes(const settings& config) {
  auto inner = adapters::inner_identity::make();
  if (!inner) {
    return std::move(inner).error();
  }
  auto made = std::make_shared<node_routes>();
  made->inner = std::move(*inner);
  const auto addresses = adapters::parse_join_addresses(config.node_join);
  for (const adapters::node_address& coordinator : *addresses) {
    adapters::tls_relay_options options;
    options.listen = {"127.0.0.1", 0};
    options.target = coordinator;
    options.front = made->inner.files();
    options.back = credentials_from(config);
    options.expects_target_name = true;
    auto relay = adapters::start_tls_relay(options);
    if (!relay) {
      return std::move(relay).error();
    }
    made->routes.push_back({to_string(coordinator), (*relay)->port()});
    made->relays.push_back(std::move(*relay));
  }
  return made;
}

node_hello make_hello(const settings& config, const actors::service_adapters& ports) {
  node_hello hello;
  hello.name = ports.node;
  hello.instance_id = make_uuid_v7(std::chrono::system_clock::now());
  hello.version = ports.version;
  hello.slots = config.max_workers;
  hello.capabilities = {job_type::image_conversion, job_type::image_processing};
  return hello;
}

}  // namespace

int run_node(const settings& config, std::shared_ptr<adapters::service_manager> manager) {
  auto ports = open_node_ports(config);
  if (!ports) {
    log.critical(ports.error().message);
    return EXIT_FAILURE;
  }
  auto routes = open_routes(config);
  if (!routes) {
    log.critical(routes.error().message);
    return EXIT_FAILURE;
  }
  process_plan plan;
  plan.manager = std::move(manager);
  plan.configure = [coordinators = *routes](caf::actor_system_config& to) {
    configure_transport(coordinators->inner.files(), to);
  };
  plan.make_tree = [coordinators = *routes,
                    &config](caf::actor_system& system, const actors::service_adapters& open) {
    coordinators->connector = system.spawn(node_connector, coordinators->routes);
    return actors::make_node_tree(
        open, config.ping_timeout, make_hello(config, open), coordinators->connector
    );
  };
  plan.node_certificate_expiry = [coordinators = *routes] {
    return coordinators->relays.front()->back_expiry();
  };
  plan.close = [coordinators = *routes] {
    coordinators->relays.clear();
    caf::anon_send_exit(coordinators->connector, caf::exit_reason::user_shutdown);
    coordinators->connector = nullptr;
  };
  return run_process(config, std::move(*ports), std::move(plan));
}

}  // namespace stayler::app
