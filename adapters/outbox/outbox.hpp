// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/jobs/conversion.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// Where a notification stands.
enum class outbox_state : std::uint8_t { open, delivered, given_up };

/// The name under which a database keeps it.
constexpr std::string_view name_of(outbox_state state) noexcept {
  switch (state) {
    case outbox_state::open:
      return "open";
    case outbox_state::delivered:
      return "delivered";
    case outbox_state::given_up:
      break;
  }
  return "given_up";
}

/// A notification that is neither delivered nor given up.
struct outbox_entry {
  notification event;
  timestamp created_at;
  timestamp due_at;         ///< not to be tried before
  std::uint32_t tries = 0;  ///< deliveries so far

  friend bool operator==(const outbox_entry&, const outbox_entry&) = default;
};

/// What a try has made of an entry.
struct outbox_update {
  std::string event_id;
  outbox_state state = outbox_state::open;
  timestamp at;  ///< open: when it may be tried again; otherwise when it ended
  std::uint32_t tries = 0;
};

/// Changes that become durable together: first what is added, then the updates.
struct outbox_batch {
  std::vector<outbox_entry> added;
  std::vector<outbox_update> updates;
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

  /// Forgets entries that ended before that time, 10,000 of them at most.
  virtual void_result purge(timestamp ended_before) = 0;

  /// True where calls wait for a disk or a network: they belong on a thread of their own.
  [[nodiscard]] virtual bool is_blocking() const noexcept = 0;

  /// True where other processes add entries too, and leave theirs behind when they die.
  [[nodiscard]] virtual bool is_shared() const noexcept { return false; }
};

}  // namespace stayler::adapters
