// SPDX-License-Identifier: MIT
#pragma once

#include "actors/queue/leases/attempt_completer.hpp"
#include "actors/queue/queue_context.hpp"
#include "actors/support/reply_promise.hpp"

#include <cstdint>
#include <vector>

namespace stayler::actors {

/// Whether jobs are accepted and dispatched, and how that ends.
///
///   stopped --start--> running --drain--> draining --no lease is held any more--> stopped
///
/// While draining, workers finish what they have. At the deadline they are told to hand it back,
/// and a second later the leases of those that have not are taken back.
class run_state {
 public:
  run_state(queue_context& context, attempt_completer& attempts)
      : context_(context), attempts_(attempts) {}

  [[nodiscard]] service_state now() const noexcept { return state_; }
  [[nodiscard]] bool is_running() const noexcept { return state_ == service_state::running; }

  caf::result<unit_value> start();

  /// Answered when no lease is held.
  caf::result<unit_value> drain(milliseconds timeout);

  /// That drain has had its time.
  void reach_deadline(std::uint64_t drain);
  /// Workers have had the time to hand back what they did not finish.
  void take_leases_back(std::uint64_t drain);

  /// Called whenever the last lease may have ended.
  void end_drain_if_idle();

 private:
  [[nodiscard]] bool is_under_way(std::uint64_t drain) const noexcept {
    return state_ == service_state::draining && drain == drain_number_;
  }

  queue_context& context_;
  attempt_completer& attempts_;
  service_state state_ = service_state::stopped;
  std::uint64_t drain_number_ = 0;  ///< of the drain that is under way, or comes next
  std::vector<reply_promise<unit_value>> drain_answers_;
};

}  // namespace stayler::actors
