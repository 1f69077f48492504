// SPDX-License-Identifier: MIT
#include "actors/supervision/live_settings.hpp"

#include "actors/support/tell.hpp"
#include "adapters/config/secrets.hpp"
#include "adapters/config/settings_rules.hpp"
#include "adapters/log/log.hpp"
#include "messages/protocol.hpp"

namespace stayler::actors {

settings_update live_settings::change(const std::vector<settings_change>& changes) {
  settings_update update = adapters::apply_changes(current_, changes);
  if (update.problems.empty()) {
    current_ = update.effective;
    adapters::configure_log(current_, adapters::secrets_in(current_));
  }
  return update;
}

void live_settings::publish(const service_tree& tree, child_table& children) const {
  const auto send_to = [this](const child& one) {
    if (one.handle) {
      tell(one.handle, settings_atom_v, current_);
    }
  };
  for (const child_spec& spec : tree.core) {
    if (spec.takes_settings) {
      send_to(children.core(spec.name));
    }
  }
  for (const auto& [name, worker] : children.workers()) {
    send_to(worker);
  }
}

}  // namespace stayler::actors
