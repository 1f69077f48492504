// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/jobs/conversion.hpp"
#include "messages/service/notifications.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// A notification that is neither delivered nor given up.
struct outbox_entry {
  notification event;
  timestamp created_at;
  timestamp due_at;         ///< not to be tried before
  std::uint32_t tries = 0;  ///< deliveries since opened_at
  timestamp opened_at{};    ///< since when it is delivered: created_at, or when it was reopened
  delivery_problem problem = delivery_problem::none;  ///< of the last try
  std::string error{};                                ///< the same in words

  friend bool operator==(const outbox_entry&, const outbox_entry&) = default;
};

/// What a try has made of an entry.
struct outbox_update {
  std::string event_id;
  outbox_state state = outbox_state::open;
  timestamp at;  ///< open: when it may be tried again; otherwise when it ended
  std::uint32_t tries = 0;
  delivery_problem problem = delivery_problem::none;
  std::string error{};
};

/// Changes that become durable together: first what is added, then the updates.
struct outbox_batch {
  std::vector<outbox_entry> added;
  std::vector<outbox_update> updates;
};

/// What is forgotten: entries that ended before these times, and the oldest given-up ones beyond a
/// number.
struct outbox_retention {
  timestamp delivered_before;
  timestamp given_up_before;
  std::size_t max_given_up = 100'000;
};

/// Keeps notifications until they are delivered, and what became of them for some time after. Calls
/// may come from any thread, one at a time is served. Every call can fail with `unavailable` (the
/// database is away or locked), `store_full` and `internal_bug`; then it has changed nothing.
class outbox {
 public:
  virtual ~outbox() = default;

  /// Durable when answered. An entry whose event id is there already, in whatever state, is not
  /// added: the first content stands. The answer names these ids. An update of an entry that has
  /// ended, or is not there, does nothing.
  virtual result<std::vector<std::string>> execute(const outbox_batch& batch) = 0;

  /// All open entries, oldest first; where the outbox is shared, those that no other process works
  /// on. They are this process's for some time: until then it has to ask again.
  virtual result<std::vector<outbox_entry>> list_open() = 0;

  /// A page of all that is kept, the newest first, whichever process it belongs to.
  virtual result<notification_page> list(const notification_filter& filter) = 0;

  /// Makes open again what has ended and matches, the oldest first, as many as the filter's limit:
  /// due at that time, with no tries. The answer has these entries; they are this process's. The
  /// filter's page does not count.
  virtual result<std::vector<outbox_entry>> reopen(
      const notification_filter& filter, timestamp at
  ) = 0;

  /// Forgets what need not be kept, 10,000 entries for each reason at most.
  virtual void_result purge(const outbox_retention& kept) = 0;

  /// Removes these entries, whatever their state and whichever process they belong to. An id that
  /// is not there is let pass.
  virtual void_result remove(const std::vector<std::string>& event_ids) = 0;

  /// True where calls wait for a disk or a network: they belong on a thread of their own.
  [[nodiscard]] virtual bool is_blocking() const noexcept = 0;

  /// True where other processes add entries too, and leave theirs behind when they die.
  [[nodiscard]] virtual bool is_shared() const noexcept { return false; }
};

/// Removes all entries that are about that user; how many.
result<std::uint64_t> erase_notifications_of(outbox& from, std::string_view user_id);

}  // namespace stayler::adapters
