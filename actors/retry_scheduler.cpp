// SPDX-License-Identifier: MIT
#include "actors/retry_scheduler.hpp"

#include "actors/supervised.hpp"

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
  self->delayed_send(self, std::min(left, longest_nap), caf::tick_atom_v);
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

retry_decision decide(retry_scheduler_state& state, const job& failed, const failure& error) {
  const auto fraction = [&state] {
    return std::uniform_real_distribution<double>{0.0, 1.0}(state.random);
  };
  return decide_retry(failed, error, state.options.policy, state.options.clock->now(), fraction);
}

}  // namespace

retry_scheduler_impl::behavior_type retry_scheduler(
    self_pointer self, retry_scheduler_options options
) {
  be_supervised(self);
  self->state.options = std::move(options);
  return {
      [self](decide_atom, const job& failed, const failure& error) {
        return decide(self->state, failed, error);
      },
      [self](arm_atom, timestamp due, queue_actor waiting) { arm(self, due, std::move(waiting)); },
      [self](settings_atom, settings& changed) { self->state.options.policy = std::move(changed); },
      [self](caf::tick_atom) { ring_if_due(self); },
  };
}

}  // namespace stayler::actors
