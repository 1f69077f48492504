// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/clock/wall_clock.hpp"
#include "messages/protocol.hpp"
#include "policies/retry/retry_budget.hpp"
#include "policies/retry/retry_policy.hpp"

#include <cstdint>
#include <memory>
#include <random>

namespace stayler::actors {

struct retry_scheduler_options {
  std::shared_ptr<const adapters::wall_clock> clock;
  settings policy;
};

/// The scheduler's own message, beside its public interface.
using retry_scheduler_impl = retry_scheduler_actor::extend<
    /// The alarm of that number may be due.
    caf::reacts_to<alarm_atom, std::uint64_t>>;

/// Owns the delay policy and the alarm for the earliest due time. Alarms are lost with the actor:
/// the queue arms it anew after each batch, and its own poll is the safety net.
class retry_scheduler_state {
 public:
  static inline const char* name = "retry_scheduler";

  using pointer = retry_scheduler_impl::stateful_pointer<retry_scheduler_state>;

  explicit retry_scheduler_state(pointer self) : self_(self) {}

  void begin(retry_scheduler_options options);
  retry_scheduler_impl::behavior_type make_behavior();

 private:
  retry_decision decide(const job& failed, const failure& error);
  void arm(timestamp due, queue_actor queue);
  void count_first_attempts(std::uint32_t first_attempts);
  void change_settings(settings& changed);
  void ring_if_due(std::uint64_t alarm);
  void sleep_until_due(timestamp now);

  pointer self_;
  retry_scheduler_options options_;
  std::mt19937_64 random_{std::random_device{}()};
  policies::retry_budget budget_;
  timestamp due_;            ///< when the queue is to be woken; not set: no alarm
  std::uint64_t alarm_ = 0;  ///< of the alarm that counts; earlier ones still come
  queue_actor queue_;        ///< that is to be woken
};

retry_scheduler_impl::behavior_type retry_scheduler(
    retry_scheduler_state::pointer self, retry_scheduler_options options
);

}  // namespace stayler::actors
