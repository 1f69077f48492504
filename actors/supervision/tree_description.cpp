// SPDX-License-Identifier: MIT
#include "actors/supervision/tree_description.hpp"

#include <utility>

namespace stayler::actors {

namespace {

child_state state_of(const child& one) {
  if (one.handle) {
    return one.is_ending || one.is_retiring ? child_state::ending : child_state::running;
  }
  if (one.is_backing_off) {
    return child_state::backing_off;
  }
  return one.is_finished ? child_state::stopped : child_state::waiting;
}

child_status describe(const child& one) {
  child_status shown;
  shown.name = one.name;
  shown.state = state_of(one);
  shown.restarts = one.restarts;
  shown.mailbox = one.mailbox;
  shown.last_failure_at = one.last_failure_at;
  shown.last_failure = one.last_failure;
  if (one.handle) {
    shown.started_at = one.started_at;
  }
  return shown;
}

}  // namespace

tree_status describe_tree(const service_tree& tree, child_table& children) {
  tree_status shown;
  shown.abandoned = static_cast<std::uint32_t>(children.abandoned_count());
  for (const child_spec& spec : tree.core) {
    child_status one = describe(children.core(spec.name));
    one.restart = spec.restart;
    one.depends_on = spec.depends_on;
    shown.core.push_back(std::move(one));
  }
  for (const auto& [name, worker] : children.workers()) {
    shown.workers.push_back(describe(worker));
  }
  return shown;
}

tree_report report_tree(const child_table& children) {
  tree_report report;
  report.abandoned = static_cast<std::uint32_t>(children.abandoned_count());
  for (const auto* group : {&children.core(), &children.workers()}) {
    for (const auto& [name, one] : *group) {
      report.mailboxes.push_back({name, one.mailbox});
    }
  }
  return report;
}

}  // namespace stayler::actors
