// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/reply_promise.hpp"
#include "actors/notifications/outbox_io.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "adapters/notification_channel/notification_channel.hpp"
#include "adapters/outbox/outbox.hpp"
#include "messages/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace stayler::actors {

struct notifier_options {
  std::shared_ptr<adapters::notification_channel> channel;
  std::shared_ptr<adapters::outbox> outbox;
  std::shared_ptr<adapters::wall_clock> clock;
  metrics_actor metrics;           ///< may be empty
  std::size_t max_open = 10'000;   ///< notifications taken over; beyond that the oldest is given up
  std::size_t max_in_flight = 16;  ///< deliveries under way at the same time
  std::uint32_t max_tries = 20;    ///< deliveries of one notification: an hour
  milliseconds first_pause{1'000};         ///< after the first try; doubled after each further one
  milliseconds max_pause{300'000};         ///< also bounds what the receiver asks for
  milliseconds outbox_timeout{5'000};      ///< for one batch; then the outbox counts as away
  milliseconds outbox_pause{5'000};        ///< before an outbox that is away is tried again
  milliseconds claim_interval{10'000};     ///< between looks into an outbox that is shared
  milliseconds sweep_interval{60'000};     ///< between removals of what ended long ago
  milliseconds retention{24 * 3'600'000};  ///< of what has ended
  std::function<void(const std::string&)> log;  ///< takes a line for the operators; may be empty
};

/// A notification that was taken over and is neither delivered nor given up.
struct open_notification {
  adapters::outbox_entry kept;
  bool is_new = true;     ///< the outbox has not been heard about it: not to be delivered yet
  bool is_saved = false;  ///< in the outbox
  bool is_in_flight = false;
  std::vector<reply_promise<unit_value>> askers;  ///< who waits until it is taken over
};

struct notifier_state {
  const char* name = "notifier";
  notifier_options options;
  outbox_io_actor keeper;
  std::map<std::uint64_t, open_notification> open;         ///< by age
  std::unordered_map<std::string, std::uint64_t> tickets;  ///< of those, by event id
  std::deque<std::uint64_t> ready;                         ///< those of them that may be tried now
  std::size_t in_flight = 0;
  std::uint64_t last_ticket = 0;

  bool is_loaded = false;                        ///< what the outbox held at the start is in `open`
  bool is_saving = false;                        ///< the keeper is at work
  std::vector<std::uint64_t> unsaved;            ///< tickets for the next batch
  std::vector<adapters::outbox_update> updates;  ///< for the next batch

  notification_status status;  ///< but for `open`
  notification_status told;    ///< as the metrics actor knows it
  std::vector<reply_promise<unit_value>> flushing;
};

/// What the notifier tells itself, besides its public interface.
using notifier_inner_actor = notifier_actor::extend<
    /// A try has ended; the failure is none where it was delivered.
    reacts_to<finish_atom, std::uint64_t, failure>,
    /// The pause after a failed try is over.
    reacts_to<due_atom, std::uint64_t>,
    /// The outbox, which was away, may be back.
    reacts_to<retry_atom>,
    /// Time to keep what is ours in a shared outbox, and to take over what a dead process has left.
    reacts_to<renew_atom>,
    /// Time to forget what ended long ago.
    reacts_to<purge_atom>>;

/// Delivers notifications through the channel. What can be tried again is, after pauses that
/// double; the event id is the same each time. A notification is in the outbox before it is
/// delivered, and an event id that has been there is not taken over again; at its start the actor
/// goes on with what is open there. The outbox is written in batches: what comes while one is being
/// written forms the next. While the outbox is away notifications are taken over into memory, and
/// into the outbox once it is back. Where other processes share the outbox, what one of them has
/// left is taken over.
notifier_inner_actor::behavior_type notifier(
    notifier_inner_actor::stateful_pointer<notifier_state> self, notifier_options options
);

}  // namespace stayler::actors
