// SPDX-License-Identifier: MIT
#include "actors/queue/run_state.hpp"

#include "actors/support/failure.hpp"
#include "adapters/log/log.hpp"

#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::queue::log;

/// Workers that were told to stop get this long before their leases are taken back.
constexpr std::chrono::seconds release_grace{1};

}  // namespace

caf::result<unit_value> run_state::start() {
  switch (state_) {
    case service_state::running:
      return to_error({error_class::conflict, "the service is already running"});
    case service_state::draining:
      return to_error({error_class::conflict, "the service is draining"});
    case service_state::stopped:
      break;
  }
  state_ = service_state::running;
  context_.dispatch();
  return unit_value{};
}

caf::result<unit_value> run_state::drain(milliseconds timeout) {
  if (state_ == service_state::stopped) {
    return to_error({error_class::conflict, "the service is already stopped"});
  }
  state_ = service_state::draining;
  drain_answers_.push_back(make_reply_promise<unit_value>(context_.self));
  context_.self->delayed_send(context_.self, timeout, drain_deadline_atom_v, drain_number_);
  end_drain_if_idle();
  return caf::delegated<unit_value>{};
}

void run_state::reach_deadline(std::uint64_t drain) {
  if (!is_under_way(drain)) {
    return;
  }
  for (const worker_slot* slot : context_.slots.busy_slots()) {
    context_.self->send(slot->worker, release_atom_v);
  }
  context_.self->delayed_send(context_.self, release_grace, drain_overdue_atom_v, drain);
}

void run_state::take_leases_back(std::uint64_t drain) {
  if (!is_under_way(drain)) {
    return;
  }
  for (worker_slot* slot : context_.slots.busy_slots()) {
    const attempt_id attempt = current_attempt(*slot->current);
    log.warning(
        "a worker did not stop in time; its lease is taken back",
        {{"jobId", attempt.job}, {"attempt", attempt.token}, {"worker", slot->id}}
    );
    slot->is_revoked = true;
    attempts_.hand_back(*slot->current, [this, attempt](const failure&) {
      context_.free_holder(attempt);
    });
  }
}

void run_state::end_drain_if_idle() {
  if (state_ != service_state::draining || !context_.slots.is_idle() || !attempts_.is_idle()) {
    return;
  }
  state_ = service_state::stopped;
  ++drain_number_;
  for (auto& answer : std::exchange(drain_answers_, {})) {
    answer.deliver(unit_value{});
  }
}

}  // namespace stayler::actors
