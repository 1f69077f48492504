// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/outbox/outbox.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

namespace stayler::actors {

/// A notification that is neither delivered nor given up.
struct open_notification {
  adapters::outbox_entry entry;
  bool is_new = true;     ///< the outbox does not have it yet: not to be delivered
  bool is_saved = false;  ///< in the outbox
  bool is_in_flight = false;
};

/// The open notifications, and the order in which they are delivered. A ticket names one of them
/// here; tickets grow with age.
class delivery_queue {
 public:
  using ticket = std::uint64_t;

  ticket add(adapters::outbox_entry entry);
  void remove(ticket removed);

  [[nodiscard]] bool contains(ticket one) const { return open_.contains(one); }
  [[nodiscard]] open_notification& at(ticket one) { return open_.at(one); }
  [[nodiscard]] const open_notification& at(ticket one) const { return open_.at(one); }
  [[nodiscard]] std::optional<ticket> find(const std::string& event_id) const;
  /// The oldest that is not being delivered.
  [[nodiscard]] std::optional<ticket> oldest_at_rest() const;
  [[nodiscard]] std::size_t size() const { return open_.size(); }
  /// Nothing is being delivered, or could be.
  [[nodiscard]] bool is_idle() const { return in_flight_ == 0 && ready_.empty(); }

  /// It may be delivered, after those that may be already.
  void make_ready(ticket one) { ready_.push_back(one); }
  /// The next delivery, which has begun and is counted as a try; none where nothing may be
  /// delivered or `max_in_flight` deliveries are under way.
  std::optional<ticket> begin_delivery(std::size_t max_in_flight);
  /// Its delivery has ended; false where none was under way.
  bool end_delivery(ticket one);

 private:
  std::map<ticket, open_notification> open_;         ///< by age
  std::unordered_map<std::string, ticket> tickets_;  ///< by event id
  std::deque<ticket> ready_;
  std::size_t in_flight_ = 0;
  ticket last_ = 0;
};

}  // namespace stayler::actors
