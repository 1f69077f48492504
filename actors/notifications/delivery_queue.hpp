// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/outbox/outbox.hpp"
#include "messages/service/notifications.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace stayler::actors {

/// A notification that is neither delivered nor given up.
struct open_notification {
  adapters::outbox_entry entry;
  bool is_new = true;     ///< the outbox does not have it yet: not to be delivered
  bool is_saved = false;  ///< in the outbox
  bool is_ready = false;  ///< to be delivered as soon as there is a place for it
  bool is_in_flight = false;
  std::string receiver{};  ///< whom it goes to
};

/// How one receiver takes its deliveries.
struct receiver_state {
  std::string receiver{};  ///< as the channel names it
  std::uint32_t failures_in_a_row = 0;
  delivery_result last;  ///< of those that have ended
  timestamp last_failure;
};

/// How many deliveries may be under way.
struct delivery_bounds {
  std::size_t in_all = 256;
  std::size_t per_receiver = 16;
  std::size_t per_failing = 1;  ///< receiver whose last delivery has failed
};

/// The open notifications, and the order in which they are delivered: receivers take turns, and
/// each gets its own in the order in which they became ready. A receiver that is slow, or fails,
/// has no more than its own places. A ticket names a notification here; tickets grow with age.
class delivery_queue {
 public:
  using ticket = std::uint64_t;

  ticket add(adapters::outbox_entry entry, const std::string& receiver = {});
  void remove(ticket removed);

  [[nodiscard]] bool contains(ticket one) const { return open_.contains(one); }
  [[nodiscard]] open_notification& at(ticket one) { return open_.at(one); }
  [[nodiscard]] const open_notification& at(ticket one) const { return open_.at(one); }
  [[nodiscard]] std::optional<ticket> find(const std::string& event_id) const;
  /// All that are about that user.
  [[nodiscard]] std::vector<ticket> about(const std::string& user_id) const;
  /// The oldest that is not being delivered.
  [[nodiscard]] std::optional<ticket> oldest_at_rest() const;
  [[nodiscard]] std::size_t size() const { return open_.size(); }
  /// Nothing is being delivered, nor could be to a receiver that takes it, as far as is known.
  [[nodiscard]] bool is_idle() const;

  /// It may be delivered, after those of its receiver that may be already.
  void make_ready(ticket one);
  /// The next delivery, which has begun and is counted as a try; none where nothing may be
  /// delivered within the bounds.
  std::optional<ticket> begin_delivery(const delivery_bounds& bounds);
  /// Its delivery has ended; false where none was under way.
  bool end_delivery(ticket one, const delivery_result& how, timestamp at);

  [[nodiscard]] const receiver_state& receiver_of(ticket one) const;
  /// The state of the receiver with the most failures in a row; of none where there is none.
  [[nodiscard]] receiver_state most_troubled() const;

 private:
  /// What goes to one receiver.
  struct lane {
    receiver_state state;
    std::deque<ticket> ready;  ///< also tickets of what has been removed since
    std::size_t open = 0;
    std::size_t waiting = 0;  ///< of those the ready ones
    std::size_t in_flight = 0;
    bool has_turn = false;  ///< it is among the turns
  };

  void queue_up(const std::string& receiver, lane& at);
  std::optional<ticket> take_ready(lane& from);
  void begin(ticket next, lane& its);
  static bool has_room(const lane& one, const delivery_bounds& bounds);

  std::map<ticket, open_notification> open_;         ///< by age
  std::unordered_map<std::string, ticket> tickets_;  ///< by event id
  std::map<std::string, lane> lanes_;                ///< by receiver
  std::deque<std::string> turns_;  ///< receivers that may get a delivery; each once
  std::size_t in_flight_ = 0;
  ticket last_ = 0;
};

}  // namespace stayler::actors
