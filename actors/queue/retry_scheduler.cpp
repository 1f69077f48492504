// SPDX-License-Identifier: MIT
#include "actors/queue/retry_scheduler.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/handle.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

/// No timer sleeps for longer than this: after a jump of the wall clock, or a suspended machine,
/// the alarm is re-judged by the clock instead of going off by an old reckoning.
constexpr milliseconds longest_sleep{30'000};

}  // namespace

void retry_scheduler_state::begin(retry_scheduler_options options) {
  install_supervision(self_);
  options_ = std::move(options);
}

retry_decision retry_scheduler_state::decide(const job& failed, const failure& error) {
  const auto fraction = [this] {
    return std::uniform_real_distribution<double>{0.0, 1.0}(random_);
  };
  const timestamp now = options_.clock->now();
  retry_decision decided = policies::decide_retry(failed, error, options_.policy, now, fraction);
  // What was held was never sent: it is no retry of anything.
  if (decided.will_retry && error.kind != error_class::held) {
    decided.due_at = std::max(decided.due_at, now + budget_.take(self_->clock().now()));
  }
  return decided;
}

void retry_scheduler_state::arm(timestamp due, queue_actor queue) {
  queue_ = std::move(queue);
  if (is_set(due_) && due_ <= due) {
    return;
  }
  due_ = due;
  sleep_until_due(options_.clock->now());
}

void retry_scheduler_state::ring_if_due(std::uint64_t alarm) {
  const timestamp now = options_.clock->now();
  if (alarm != alarm_ || !is_set(due_)) {
    return;
  }
  if (now < due_) {
    sleep_until_due(now);
    return;
  }
  due_ = {};
  self_->send(queue_, due_atom_v);
}

void retry_scheduler_state::sleep_until_due(timestamp now) {
  const milliseconds left = std::max(milliseconds{0}, due_ - now);
  self_->delayed_send(self_, std::min(left, longest_sleep), alarm_atom_v, ++alarm_);
}

void retry_scheduler_state::count_first_attempts(std::uint32_t first_attempts) {
  budget_.note_first_attempts(first_attempts, self_->clock().now());
}

void retry_scheduler_state::change_settings(settings& changed) {
  options_.policy = std::move(changed);
}

retry_scheduler_impl::behavior_type retry_scheduler_state::make_behavior() {
  return {
      handle<decide_atom>(*this, &retry_scheduler_state::decide),
      handle<arm_atom>(*this, &retry_scheduler_state::arm),
      handle<start_atom>(*this, &retry_scheduler_state::count_first_attempts),
      handle<settings_atom>(*this, &retry_scheduler_state::change_settings),
      handle<alarm_atom>(*this, &retry_scheduler_state::ring_if_due),
  };
}

retry_scheduler_impl::behavior_type retry_scheduler(
    retry_scheduler_state::pointer self, retry_scheduler_options options
) {
  self->state.begin(std::move(options));
  return self->state.make_behavior();
}

}  // namespace stayler::actors
