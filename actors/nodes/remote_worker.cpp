// SPDX-License-Identifier: MIT
#include "actors/nodes/remote_worker.hpp"

#include "actors/support/failure.hpp"

#include <utility>

namespace stayler::actors {

namespace {

using self_pointer = remote_worker_impl::stateful_pointer<remote_worker_state>;

/// The queue gives this worker no further job; where it has one, the gateway ends it afterwards.
void retire(self_pointer self) {
  auto& state = self->state;
  state.is_retiring = true;
  self->request(
          state.options.queue, state.options.queue_timeout, leave_atom_v, state.options.worker_id
  )
      .then(
          [self](bool may_go) {
            if (may_go) {
              self->quit();
            }
          },
          [self](const caf::error&) { self->quit(); }
      );
}

void assign(self_pointer self, job& leased) {
  const auto& options = self->state.options;
  if (leased.request.timeout.count() <= 0) {
    leased.request.timeout = options.job_timeout;
  }
  self->send(options.link, assign_atom_v, options.slot, std::move(leased));
  if (self->state.is_retiring) {
    retire(self);
  }
}

void gateway_down(self_pointer self, const caf::error& reason) {
  if (reason == caf::exit_reason::user_shutdown || reason == caf::exit_reason::normal) {
    self->quit();
  } else {
    // The node, which is still there, will join the next gateway, and that one replaces this actor.
    self->delayed_send(self, self->state.options.orphan_grace, caf::tick_atom_v);
  }
}

}  // namespace

remote_worker_impl::behavior_type remote_worker(self_pointer self, remote_worker_options options) {
  end_by_exception(self);
  auto& state = self->state;
  state.options = std::move(options);
  self->monitor(state.options.gateway);
  self->monitor(state.options.queue);
  self->set_down_handler([self](caf::scheduled_actor*, caf::down_msg& down) {
    if (down.source == self->state.options.queue.address()) {
      self->quit();
    } else {
      gateway_down(self, down.reason);
    }
  });
  if (!state.options.is_adopted) {
    self->send(state.options.queue, join_atom_v, state.options.worker_id, worker_actor{self});
  }
  return {
      [self](assign_atom, job& leased) { assign(self, leased); },
      [self](cancel_atom, const attempt_id& attempt) {
        self->send(self->state.options.link, cancel_atom_v, attempt);
      },
      [self](release_atom) {
        self->send(self->state.options.link, release_atom_v, self->state.options.slot);
      },
      [self](retire_atom) { retire(self); },
      [self](settings_atom, const settings& changed) {
        self->state.options.job_timeout = changed.job_timeout;
      },
      [self](caf::tick_atom) {
        self->quit(to_error(
            {error_class::worker_lost, self->state.options.worker_id + " has lost its gateway", {}}
        ));
      },
  };
}

}  // namespace stayler::actors
