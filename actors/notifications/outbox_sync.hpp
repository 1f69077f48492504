// SPDX-License-Identifier: MIT
#pragma once

#include "actors/notifications/delivery_queue.hpp"
#include "adapters/outbox/outbox.hpp"
#include "messages/base/error.hpp"

#include <cstddef>
#include <variant>
#include <vector>

namespace stayler::actors {

/// What is still to be exchanged with the outbox: one request at a time, and all that has changed
/// in one batch. Every request ends with `succeeded` or `failed`.
///
///     idle -> load or write -> idle
///                          \-> away: the next request, whatever it is, says that it is back
class outbox_sync {
 public:
  using ticket = delivery_queue::ticket;

  /// Read what is open in the outbox.
  struct load {};
  struct write {
    std::vector<ticket> added;
    adapters::outbox_batch batch;
  };
  /// Nothing, where a request is under way or there is nothing to be done.
  using request = std::variant<std::monostate, load, write>;

  void add(ticket added) { unsaved_.push_back(added); }
  void add(adapters::outbox_update update) { updates_.push_back(std::move(update)); }
  /// The outbox has to be read, again.
  void reload() { is_loaded_ = false; }

  /// The next request, which is under way from now on.
  request next(const delivery_queue& open);

  /// The request was answered; true where the outbox was away until now.
  bool succeeded();
  void loaded() { is_loaded_ = true; }
  /// The request has failed; true where the outbox was not away before.
  bool failed(const failure& why);
  /// A batch that was not written is to be written again, before what has come since.
  void put_back(const write& failed_write);
  /// Drops the oldest updates beyond that many.
  void keep_newest_updates(std::size_t most);

  /// Leaves out of what the outbox says is open that which has ended since it was asked.
  void leave_out_ended(std::vector<adapters::outbox_entry>& listed) const;

  [[nodiscard]] const failure& error() const { return error_; }
  [[nodiscard]] bool is_away() const { return static_cast<bool>(error_); }
  [[nodiscard]] bool is_complete() const {
    return !is_busy_ && unsaved_.empty() && updates_.empty();
  }
  [[nodiscard]] const std::vector<ticket>& unsaved() const { return unsaved_; }

 private:
  std::vector<ticket> take_unsaved(const delivery_queue& open);

  bool is_loaded_ = false;
  bool is_busy_ = false;
  failure error_;                                 ///< why it is away
  std::vector<ticket> unsaved_;                   ///< for the next batch
  std::vector<adapters::outbox_update> updates_;  ///< for the next batch
};

}  // namespace stayler::actors
