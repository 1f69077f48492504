// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/clock/wall_clock.hpp"
#include "messages/protocol.hpp"
#include "policies/scaling/desired_workers.hpp"
#include "policies/scaling/workload_history.hpp"

#include <memory>
#include <optional>

namespace stayler::actors {

struct workload_watch_options {
  queue_actor queue;
  provider_limits_actor limits;
  metrics_actor metrics;
  std::shared_ptr<const adapters::wall_clock> clock;
  milliseconds interval{5'000};
};

using workload_watch_actor = caf::typed_actor<
    /// Time to look again.
    caf::reacts_to<look_atom>>;

/// Looks every few seconds how much waits, for how long and why, what was spent today, and how many
/// workers would be of use, and tells the metrics, with how the provider stands: calls come and go
/// without a change that the limits tell of. Tells the provider's limits how many workers
/// have joined here, which the other coordinators have to know. Of all coordinators the reaper
/// alone says how many workers are desired, since two that see not quite the same would contradict
/// each other. While the store is away the time that jobs wait goes on, and nobody says what is
/// desired.
class workload_watch_state {
 public:
  static inline const char* name = "workload_watch";

  using pointer = workload_watch_actor::stateful_pointer<workload_watch_state>;

  explicit workload_watch_state(pointer self) : self_(self) {}

  workload_watch_actor::behavior_type make_behavior(workload_watch_options options);

 private:
  void look();
  void ask_queue();
  void ask_limits();
  void note(queue_status now);
  void report();

  [[nodiscard]] hold_reason held_by(timestamp now) const;
  [[nodiscard]] std::uint32_t desired() const;

  pointer self_;
  workload_watch_options options_;
  policies::workload_history history_;
  std::optional<queue_status> queue_;  ///< the last that it said
  provider_status provider_;
  spending_report costs_;
  bool is_queue_asked_ = false;                               ///< and has not answered
  bool is_current_ = false;                                   ///< its last answer is of this round
  std::optional<caf::actor_clock::time_point> closed_since_;  ///< the provider, or the budget
};

workload_watch_actor::behavior_type workload_watch(
    workload_watch_state::pointer self, workload_watch_options options
);

}  // namespace stayler::actors
