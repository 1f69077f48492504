// SPDX-License-Identifier: MIT
#pragma once

#include "messages/service/settings.hpp"
#include "policies/provider/limits/learned_quota.hpp"
#include "policies/provider/sharing/peer_record.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace stayler::policies {

/// The API keys, each with the state of its own quota, by their ids. Calls go to the open key that
/// was used least in the last minute.
class provider_key_pool {
 public:
  using clock_time = learned_quota::clock_time;

  /// Takes the keys (separated by commas or blanks) and limits over; what is known of a key that
  /// stays is kept.
  void configure(const gemini_settings& config);

  [[nodiscard]] bool is_empty() const { return keys_.empty(); }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

  /// The key for a call now; nothing where all are closed.
  [[nodiscard]] std::optional<std::size_t> choose(clock_time now, timestamp date);

  /// When the first key opens: `now`, or later.
  [[nodiscard]] clock_time opens_at(clock_time now, timestamp date);

  /// The same, but for the pauses between calls that are spread over the minute.
  [[nodiscard]] clock_time closed_until(clock_time now, timestamp date);

  [[nodiscard]] const std::string& id(std::size_t key) const { return keys_[key].id; }

  void sent(std::size_t key, clock_time now);

  /// That key's call of that time was refused: 429. A key that is not there any more is ignored.
  void refused(
      const std::string& key, clock_time sent_at, milliseconds retry_after, clock_time now
  );

  /// How this coordinator stands with each key.
  [[nodiscard]] std::vector<peer_key> snapshot(clock_time now) const;

  /// What the others show. `rank`: this coordinator among all, by name;
  /// `wants_more`: it has more to do than it may.
  void merge(
      const std::vector<peer_record>& others, std::size_t rank, bool wants_more, clock_time now
  );

  /// A key's quota that has been learned.
  struct quota {
    std::string key_id;
    std::uint32_t per_minute = 0;
  };
  /// Those that are known.
  [[nodiscard]] std::vector<quota> found() const;

  /// Begins with what was learned of that key before a restart.
  void begin(std::size_t key, std::uint32_t per_minute, clock_time now) {
    keys_[key].minute.begin(per_minute, now);
  }

  /// That key's call was taken.
  void accepted(const std::string& key);

  /// Nothing more with that key before that time: its quota of the day is used up.
  void close_until(const std::string& key, clock_time when);

  /// The key itself is not accepted: it rests for a while.
  void reject(const std::string& key, clock_time now);

  /// The requests per minute that are known, over all keys; 0: unknown for one of them.
  [[nodiscard]] std::uint32_t per_minute() const;

  /// This coordinator's part of them.
  [[nodiscard]] std::uint32_t share_per_minute() const;

 private:
  struct entry {
    std::string id;
    learned_quota minute;
    std::uint32_t today = 0;
    std::uint32_t others_today = 0;
  };

  using opening = clock_time (learned_quota::*)(clock_time now) const;

  [[nodiscard]] clock_time earliest(opening of_bucket, clock_time now, timestamp date);
  [[nodiscard]] clock_time in_day(
      const entry& key, clock_time opens, clock_time now, timestamp date
  ) const;
  [[nodiscard]] std::uint32_t sum_where_known(std::uint32_t (learned_quota::*limit)() const) const;
  void roll_over_day(timestamp date);

  std::vector<entry> keys_;
  std::string model_;
  std::uint32_t per_day_ = 0;
  timestamp day_ends_;
};

}  // namespace stayler::policies
