// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/children/child_table.hpp"
#include "actors/supervision/supervisor_impl.hpp"

#include <cstdint>
#include <optional>

namespace stayler::actors {

/// Asks children by pings whether they live. They are asked in rounds; a child has one unanswered
/// ping at most.
class liveness_monitor {
 public:
  liveness_monitor(supervisor_impl::pointer self, child_table& children)
      : self_(self), children_(children), last_round_(self->clock().now()) {}

  /// Begins a round; `interval` is the time between two of them.
  void begin_round(milliseconds interval);

  /// Pings the child, or looks at its silence since the last ping: returned where it has lasted for
  /// `timeout`, which means that the child is stuck. A timeout of 0 is none.
  std::optional<milliseconds> check(child& asked, milliseconds timeout);

 private:
  void ping(child& asked);
  void on_reply(const caf::actor_addr& address, std::uint64_t mailbox);

  supervisor_impl::pointer self_;
  child_table& children_;
  caf::actor_clock::time_point last_round_;
  bool has_slept_ = false;  ///< the supervisor itself, before this round
};

}  // namespace stayler::actors
