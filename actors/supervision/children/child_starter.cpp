// SPDX-License-Identifier: MIT
#include "actors/supervision/children/child_starter.hpp"

#include "actors/support/tell.hpp"

#include <utility>

namespace stayler::actors {

std::string worker_name(std::uint32_t number) {
  return "worker-" + std::to_string(number);
}

void child_starter::begin_life(
    child& started, caf::actor handle, const adapters::wall_clock& clock
) {
  children_.set_running(started, std::move(handle));
  started.is_ending = started.is_killed = started.is_retiring = false;
  started.pinged_at.reset();
  started.mailbox = 0;
  started.started_at = clock.now();
  started.started = self_->clock().now();
  self_->monitor(started.handle);
}

bool child_starter::start_core(const start_context& with, bool should_dispatch) {
  bool has_started = false;
  for (const child_spec& spec : with.tree.core) {
    child& one = children_.core(spec.name);
    if (one.handle || one.is_backing_off || one.is_finished
        || !children_.are_running(spec.depends_on)) {
      continue;
    }
    begin_life(one, spec.start(self_->system(), peers_, with.config), with.clock);
    if (spec.dispatches && should_dispatch) {
      tell(peers_.dispatch, start_atom_v);
    }
    has_started = true;
  }
  return has_started;
}

void child_starter::scale_workers(const start_context& with) {
  const service_tree& tree = with.tree;
  if (!tree.start_worker || !children_.are_running(tree.workers_depend_on)) {
    return;
  }
  for (std::uint32_t number = 1; number <= with.config.max_workers; ++number) {
    child& one = children_.worker(worker_name(number));
    if (!one.handle && !one.is_backing_off) {
      begin_life(
          one, tree.start_worker(self_->system(), peers_, with.config, one.name), with.clock
      );
    }
  }
  retire_surplus(with.config.max_workers);
}

void child_starter::retire_surplus(std::uint32_t wanted) {
  for (std::uint32_t number = wanted + 1;; ++number) {
    child* surplus = children_.find_worker(worker_name(number));
    if (surplus == nullptr) {
      return;
    }
    if (!surplus->handle) {
      children_.remove_worker(worker_name(number));
    } else if (!std::exchange(surplus->is_retiring, true)) {
      self_->send(caf::actor_cast<worker_actor>(surplus->handle), retire_atom_v);
    }
  }
}

}  // namespace stayler::actors
