// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/service_tree.hpp"
#include "adapters/audit/audit_trail.hpp"
#include "adapters/service_manager/service_manager.hpp"
#include "messages/base/result.hpp"
#include "messages/service/settings.hpp"

#include <caf/all.hpp>

#include <functional>
#include <memory>

namespace stayler::app {

/// What the roles of the program do differently.
struct process_plan {
  /// Adds modules to the actor system's configuration.
  std::function<void(caf::actor_system_config&)> configure = [](caf::actor_system_config&) {};
  std::function<actors::service_tree(caf::actor_system&, const actors::service_adapters&)>
      make_tree;
  /// Opens what else listens, once the supervisor runs. Called before the API opens.
  std::function<void_result(caf::actor_system&, const supervisor_actor&)> open =
      [](caf::actor_system&, const supervisor_actor&) { return ok(); };
  /// Closes it, and ends the actors that make_tree and open have spawned.
  std::function<void()> close = [] {};
  /// When the certificate expires that is shown to the service's other processes; none: there is no
  /// such. From any thread, until `close`.
  std::function<timestamp()> node_certificate_expiry;
  std::shared_ptr<adapters::audit_trail> audit;        ///< null: there is no API, only the probes
  std::shared_ptr<adapters::service_manager> manager;  ///< null: nobody watches the process
};

/// Runs the actors and the front end over these ports until a signal or a failure ends them, and
/// closes the ports. Returns the process's exit code: 0 after an orderly stop, 1 after a failure.
int run_process(const settings& config, actors::service_adapters ports, process_plan plan);

}  // namespace stayler::app
