// SPDX-License-Identifier: MIT
#pragma once

#include "actors/answer.hpp"
#include "adapters/notification_channel/notification_channel.hpp"
#include "messages/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

namespace stayler::actors {

struct notifier_options {
  std::shared_ptr<adapters::notification_channel> channel;
  std::size_t max_open = 10'000;    ///< notifications taken over; beyond that the oldest is dropped
  std::size_t max_in_flight = 16;   ///< deliveries under way at the same time
  std::uint32_t max_tries = 5;      ///< deliveries of one notification
  milliseconds first_pause{1'000};  ///< after the first try; doubled after each further one
  milliseconds max_pause{300'000};  ///< also bounds what the receiver asks for
};

/// A notification that was taken over and is neither delivered nor given up.
struct open_notification {
  notification event;
  std::uint32_t tries = 0;
  bool is_in_flight = false;
};

struct notifier_state {
  const char* name = "notifier";
  notifier_options options;
  std::map<std::uint64_t, open_notification> open;  ///< by age
  std::deque<std::uint64_t> ready;                  ///< those of them that may be tried now
  std::size_t in_flight = 0;
  std::uint64_t last_ticket = 0;
  std::uint64_t delivered = 0;
  std::uint64_t given_up = 0;
  std::uint64_t dropped = 0;
  std::vector<owed_answer<unit_value>> flushing;
};

/// What the notifier tells itself, besides its public interface.
using notifier_inner_actor = notifier_actor::extend<
    /// A try has ended; the failure is none where it was delivered.
    reacts_to<finish_atom, std::uint64_t, failure>,
    /// The pause after a failed try is over.
    reacts_to<due_atom, std::uint64_t>>;

/// Delivers notifications through the channel. What can be tried again is, after pauses that
/// double; the event id is the same each time. Open notifications live in memory only: they end
/// with the actor.
notifier_inner_actor::behavior_type notifier(
    notifier_inner_actor::stateful_pointer<notifier_state> self, notifier_options options
);

}  // namespace stayler::actors
