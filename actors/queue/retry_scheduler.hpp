// SPDX-License-Identifier: MIT
#pragma once

#include "policies/retry/retry_budget.hpp"
#include "policies/retry/retry_policy.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "messages/protocol.hpp"

#include <memory>
#include <random>

namespace stayler::actors {

struct retry_scheduler_options {
  std::shared_ptr<const adapters::wall_clock> clock;
  settings policy;
};

/// The scheduler's own timer, beside its public interface.
using retry_scheduler_impl = retry_scheduler_actor::extend<caf::reacts_to<alarm_atom>>;

struct retry_scheduler_state {
  static inline const char* name = "retry_scheduler";

  retry_scheduler_options options;
  std::mt19937_64 random{std::random_device{}()};
  timestamp armed_for;  ///< when the queue is to be woken; not set: no alarm
  queue_actor waiting;
  policies::retry_budget budget;
};

/// Owns the delay policy and the alarm for the earliest due time. Alarms are lost with the actor:
/// the queue arms it anew after each batch, and its own poll is the safety net.
retry_scheduler_impl::behavior_type retry_scheduler(
    retry_scheduler_impl::stateful_pointer<retry_scheduler_state> self,
    retry_scheduler_options options
);

}  // namespace stayler::actors
