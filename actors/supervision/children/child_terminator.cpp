// SPDX-License-Identifier: MIT
#include "actors/supervision/children/child_terminator.hpp"

#include "adapters/log/log.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace stayler::actors {

namespace {

using adapters::logs::supervisor::log;

constexpr milliseconds worker_stop_timeout{5'000};

/// Where the service is given up nothing is worth a longer wait: what counts is stored.
constexpr milliseconds short_stop_timeout{1'000};

/// An actor that is killed ends at once, unless it is stuck in a handler.
constexpr milliseconds kill_timeout{1'000};

}  // namespace

milliseconds child_terminator::shortened(milliseconds timeout) const {
  return is_short_ ? std::min(timeout, short_stop_timeout) : timeout;
}

void child_terminator::end(child& ending, milliseconds timeout) {
  if (!ending.handle || std::exchange(ending.is_ending, true)) {
    return;
  }
  self_->send_exit(ending.handle, caf::exit_reason::user_shutdown);
  self_->delayed_send(self_, shortened(timeout), end_overdue_atom_v, ending.handle.address());
}

bool child_terminator::end_workers() {
  bool is_any_alive = false;
  for (auto& [name, worker] : children_.workers()) {
    is_any_alive = is_any_alive || worker.handle;
    end(worker, worker_stop_timeout);
  }
  return is_any_alive;
}

void child_terminator::end_dependents_of(const std::string& name, const service_tree& tree) {
  std::set<std::string> affected{name};
  const auto depends = [&affected](const std::vector<std::string>& names) {
    return std::ranges::any_of(names, [&](const auto& one) { return affected.contains(one); });
  };
  for (const child_spec& spec : tree.core) {
    if (depends(spec.depends_on)) {
      affected.insert(spec.name);
      end(children_.core(spec.name), spec.stop_timeout);
    }
  }
  if (depends(tree.workers_depend_on)) {
    end_workers();
  }
}

bool child_terminator::kill(child& overdue) {
  log.error("an actor does not end", {{"actor", overdue.name}});
  if (std::exchange(overdue.is_killed, true)) {
    return false;
  }
  self_->send_exit(overdue.handle, caf::exit_reason::kill);
  self_->delayed_send(self_, kill_timeout, end_overdue_atom_v, overdue.handle.address());
  return true;
}

}  // namespace stayler::actors
