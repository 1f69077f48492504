// SPDX-License-Identifier: MIT
#include "actors/nodes/remote_worker.hpp"

#include "actors/support/failure.hpp"
#include "actors/support/handle.hpp"

#include <utility>

namespace stayler::actors {

void remote_worker_state::begin(pointer self, remote_worker_options options) {
  self_ = self;
  options_ = std::move(options);
  end_by_exception(self);
  self->monitor(options_.gateway);
  self->monitor(options_.queue);
  self->set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) { on_down(down); });
  if (!options_.is_adopted) {
    self->send(options_.queue, join_atom_v, options_.worker_id, worker_actor{self});
  }
}

remote_worker_impl::behavior_type remote_worker_state::make_behavior() {
  return {
      handle<assign_atom>(*this, &remote_worker_state::assign),
      handle<cancel_atom>(*this, &remote_worker_state::cancel),
      handle<release_atom>(*this, &remote_worker_state::release),
      handle<retire_atom>(*this, &remote_worker_state::retire),
      handle<settings_atom>(*this, &remote_worker_state::change_settings),
      handle<orphaned_atom>(*this, &remote_worker_state::end_as_orphan),
  };
}

void remote_worker_state::assign(job& leased) {
  if (leased.request.timeout.count() <= 0) {
    leased.request.timeout = options_.job_timeout;
  }
  // Ahead of whatever the node will say of it.
  self_->send(options_.gateway, assign_atom_v, current_attempt(leased));
  self_->send(options_.link, assign_atom_v, options_.slot, std::move(leased));
  if (is_retiring_) {
    retire();
  }
}

void remote_worker_state::cancel(const attempt_id& attempt) {
  self_->send(options_.link, cancel_atom_v, attempt);
}

void remote_worker_state::release() {
  self_->send(options_.link, release_atom_v, options_.slot);
}

void remote_worker_state::retire() {
  is_retiring_ = true;
  // The queue gives this worker no further job; where it has one, the gateway ends it afterwards.
  self_->request(options_.queue, options_.queue_timeout, leave_atom_v, options_.worker_id)
      .then(
          [this](bool may_go) {
            if (may_go) {
              self_->quit();
            }
          },
          [this](const caf::error&) { self_->quit(); }
      );
}

void remote_worker_state::change_settings(const settings& changed) {
  options_.job_timeout = changed.job_timeout;
}

void remote_worker_state::on_down(const caf::down_msg& down) {
  const bool is_queue = down.source == options_.queue.address();
  if (is_queue || down.reason == caf::exit_reason::user_shutdown
      || down.reason == caf::exit_reason::normal) {
    self_->quit();
    return;
  }
  // The node, which is still there, will join the next gateway, and that one replaces this actor.
  self_->delayed_send(self_, options_.orphan_grace, orphaned_atom_v);
}

void remote_worker_state::end_as_orphan() {
  self_->quit(to_error({error_class::worker_lost, options_.worker_id + " has lost its gateway"}));
}

remote_worker_impl::behavior_type remote_worker(
    remote_worker_state::pointer self, remote_worker_options options
) {
  self->state.begin(self, std::move(options));
  return self->state.make_behavior();
}

}  // namespace stayler::actors
