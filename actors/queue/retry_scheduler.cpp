// SPDX-License-Identifier: MIT
#include "actors/queue/retry_scheduler.hpp"

#include "actors/supervision/supervised.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

using self_pointer = retry_scheduler_impl::stateful_pointer<retry_scheduler_state>;

/// No timer sleeps for longer than this: after a jump of the wall clock, or a suspended machine,
/// the alarm is re-judged by the clock instead of going off by an old reckoning.
constexpr milliseconds longest_nap{30'000};

void sleep_until_due(self_pointer self, timestamp now) {
  const milliseconds left = std::max(milliseconds{0}, self->state.armed_for - now);
  self->delayed_send(self, std::min(left, longest_nap), alarm_atom_v);
}

void arm(self_pointer self, timestamp due, queue_actor waiting) {
  auto& state = self->state;
  state.waiting = std::move(waiting);
  if (is_set(state.armed_for) && state.armed_for <= due) {
    return;
  }
  state.armed_for = due;
  sleep_until_due(self, state.options.clock->now());
}

void ring_if_due(self_pointer self) {
  auto& state = self->state;
  const timestamp now = state.options.clock->now();
  if (!is_set(state.armed_for)) {
    return;
  }
  if (now < state.armed_for) {
    sleep_until_due(self, now);
    return;
  }
  state.armed_for = {};
  self->send(state.waiting, due_atom_v);
}

retry_decision decide(self_pointer self, const job& failed, const failure& error) {
  auto& state = self->state;
  const auto fraction = [&state] {
    return std::uniform_real_distribution<double>{0.0, 1.0}(state.random);
  };
  const timestamp now = state.options.clock->now();
  retry_decision decided = policies::decide_retry(failed, error, state.options.policy, now, fraction);
  // What was held was never sent: it is no retry of anything.
  if (decided.will_retry && error.kind != error_class::held) {
    decided.due_at = std::max(decided.due_at, now + state.budget.take(self->clock().now()));
  }
  return decided;
}

}  // namespace

retry_scheduler_impl::behavior_type retry_scheduler(
    self_pointer self, retry_scheduler_options options
) {
  install_supervision(self);
  self->state.options = std::move(options);
  return {
      [self](decide_atom, const job& failed, const failure& error) {
        return decide(self, failed, error);
      },
      [self](arm_atom, timestamp due, queue_actor waiting) { arm(self, due, std::move(waiting)); },
      [self](start_atom, std::uint32_t first_attempts) {
        self->state.budget.note_first_attempts(first_attempts, self->clock().now());
      },
      [self](settings_atom, settings& changed) { self->state.options.policy = std::move(changed); },
      [self](alarm_atom) { ring_if_due(self); },
  };
}

}  // namespace stayler::actors
