// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/directory.hpp"
#include "messages/service/settings.hpp"
#include "messages/service/status.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace stayler::actors {

/// How one core actor is started, when it is started again, and what must be restarted with it.
struct child_spec {
  std::string name;
  std::vector<std::string> depends_on;  ///< restarted whenever one of these is; listed before it
  bool flush_first = false;             ///< on shutdown, asked to flush before it is told to end
  milliseconds stop_timeout{5'000};     ///< for the flush and for the end, then it is killed
  milliseconds ping_timeout{10'000};    ///< without an answer for so long it is stuck; 0: not asked
  restart_rule restart = restart_rule::permanent;
  /// Spawns the actor and enters its handle into the directory.
  std::function<caf::actor(caf::actor_system&, directory&, const settings&)> start;
  bool dispatches = false;      ///< it gives out the jobs: told to begin once it is started
  bool takes_settings = false;  ///< it is told when the live settings change
};

/// The supervision tree as data. Core actors, in the order of their start (shutdown is the
/// reverse), are restarted rest-for-one: with those that depend on the failed one, and no others.
/// The workers below them are restarted one-for-one.
struct service_tree {
  std::vector<child_spec> core;
  std::vector<std::string> workers_depend_on;
  /// Null: the service has no workers of its own.
  std::function<caf::actor(
      caf::actor_system&, const directory&, const settings&, const std::string& worker_id
  )>
      start_worker;
};

/// The core actor of that name, which is in the tree.
inline const child_spec& find_spec(const service_tree& tree, const std::string& name) {
  return *std::ranges::find(tree.core, name, &child_spec::name);
}

}  // namespace stayler::actors
