// SPDX-License-Identifier: MIT
#include "actors/supervision/children/liveness_monitor.hpp"

#include "actors/supervision/supervised.hpp"

#include <chrono>
#include <utility>

namespace stayler::actors {

void liveness_monitor::begin_round(milliseconds interval) {
  // Where the supervisor itself has slept (a stopped process, a starved machine) the answers lie in
  // its mailbox behind the message that begins this round: nobody is blamed before the next one.
  const auto now = self_->clock().now();
  has_slept_ = now - std::exchange(last_round_, now) > 2 * interval;
}

std::optional<milliseconds> liveness_monitor::check(child& asked, milliseconds timeout) {
  if (!asked.handle || asked.is_ending) {
    return std::nullopt;
  }
  if (!asked.pinged_at) {
    ping(asked);
    return std::nullopt;
  }
  const auto silent_for =
      std::chrono::duration_cast<milliseconds>(self_->clock().now() - *asked.pinged_at);
  const bool is_stuck = !has_slept_ && timeout.count() > 0 && silent_for >= timeout;
  return is_stuck ? std::optional{silent_for} : std::nullopt;
}

void liveness_monitor::ping(child& asked) {
  asked.pinged_at = self_->clock().now();
  const caf::actor_addr address = asked.handle.address();
  self_->request(asked.handle, caf::infinite, caf::ping_atom_v)
      .then(
          [this, address](const ping_reply& answer) { on_reply(address, answer.mailbox); },
          // Whatever else it says, it says something; its end is told by the down message.
          [this, address](const caf::error&) { on_reply(address, 0); }
      );
}

void liveness_monitor::on_reply(const caf::actor_addr& address, std::uint64_t mailbox) {
  if (child* alive = children_.find_running(address)) {
    alive->pinged_at.reset();
    alive->mailbox = mailbox;
  }
}

}  // namespace stayler::actors
