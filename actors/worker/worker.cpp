// SPDX-License-Identifier: MIT
#include "actors/worker/worker.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/failure.hpp"
#include "actors/support/handle.hpp"

#include <utility>

namespace stayler::actors {

void worker_state::begin(pointer self, worker_options options) {
  install_supervision(self);
  context_.self = self;
  context_.options = std::move(options);
  self->send(
      context_.options.peers.queue, join_atom_v, context_.options.worker_id, worker_actor{self}
  );
}

worker_impl::behavior_type worker_state::make_behavior() {
  return {
      handle<assign_atom>(*this, &worker_state::assign),
      handle<cancel_atom>(*this, &worker_state::cancel),
      handle<release_atom>(*this, &worker_state::release),
      handle<retire_atom>(*this, &worker_state::retire),
      handle<settings_atom>(*this, &worker_state::change_settings),
      handle<renew_lease_atom>(*this, &worker_state::renew_lease),
      handle<job_timeout_atom>(*this, &worker_state::time_out),
      handle<report_again_atom>(*this, &worker_state::report_again),
      handle<retry_step_atom>(*this, &worker_state::retry_step),
  };
}

void worker_state::assign(job& leased) {
  const worker_options& options = context_.options;
  const milliseconds timeout =
      leased.request.timeout.count() > 0 ? leased.request.timeout : options.config.job_timeout;
  context_.current.emplace(std::move(leased), options.clock->now() + timeout);
  const attempt_id id = context_.current->id();
  context_.self->delayed_send(context_.self, timeout, job_timeout_atom_v, id);
  context_.self->delayed_send(context_.self, options.renew_interval, renew_lease_atom_v, id);
  steps_.advance();
}

void worker_state::cancel(const attempt_id& attempt) {
  if (context_.is_running(attempt)) {
    report_.hand_back();
  }
}

void worker_state::release() {
  if (context_.current) {
    cancel(context_.current->id());
  }
}

void worker_state::change_settings(settings& changed) {
  context_.options.config = std::move(changed);
}

void worker_state::renew_lease(const attempt_id& attempt) {
  if (!context_.is_current(attempt)) {
    return;
  }
  const worker_options& options = context_.options;
  context_.self->delayed_send(context_.self, options.renew_interval, renew_lease_atom_v, attempt);
  context_.self->request(options.peers.queue, peer_timeout, renew_atom_v, attempt)
      .then(
          [](unit_value) {},
          [this, attempt](const caf::error& why) {
            if (to_failure(why).kind == error_class::conflict) {
              cancel(attempt);
            }
          }
      );
}

void worker_state::time_out(const attempt_id& attempt) {
  if (context_.is_running(attempt)) {
    report_.time_out();
  }
}

void worker_state::report_again(const attempt_id& attempt) {
  if (context_.is_current(attempt)) {
    report_.send();
  }
}

void worker_state::retry_step(const attempt_id& attempt) {
  if (context_.is_running(attempt)) {
    steps_.repeat();
  }
}

void worker_state::retire() {
  is_retiring_ = true;
  if (!context_.current) {
    leave_queue();
  }
}

void worker_state::on_idle() {
  if (is_retiring_) {
    leave_queue();
  }
}

void worker_state::leave_queue() {
  context_.self
      ->request(
          context_.options.peers.queue, peer_timeout, leave_atom_v, context_.options.worker_id
      )
      .then(
          [this](bool may_go) {
            if (may_go) {
              context_.self->quit();
            }
            // Otherwise a job is on its way here, after which the queue is asked again.
          },
          [this](const caf::error&) { context_.self->quit(); }
      );
}

worker_impl::behavior_type worker(worker_state::pointer self, worker_options options) {
  self->state.begin(self, std::move(options));
  return self->state.make_behavior();
}

}  // namespace stayler::actors
