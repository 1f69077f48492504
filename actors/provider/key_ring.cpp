// SPDX-License-Identifier: MIT
#include "actors/provider/key_ring.hpp"

#include "adapters/gemini/provider_day.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace stayler::actors {

namespace {

/// A key that is refused may be accepted again: its project is paid for, its API enabled.
constexpr std::chrono::minutes rejection{10};

std::vector<std::string> split(const std::string& list) {
  constexpr std::string_view separators = ", \t\r\n";
  std::vector<std::string> parts;
  for (std::size_t begin = list.find_first_not_of(separators); begin != std::string::npos;) {
    const std::size_t end = std::min(list.find_first_of(separators, begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = list.find_first_not_of(separators, end);
  }
  return parts;
}

}  // namespace

void key_ring::configure(const gemini_settings& config) {
  // Quotas belong to a model: another one starts with what is configured.
  std::vector<entry> known = std::exchange(keys_, {});
  if (std::exchange(model_, config.model) != config.model) {
    known.clear();
  }
  per_day_ = config.requests_per_day;
  for (std::string& text : split(config.api_key)) {
    const auto kept = std::ranges::find(known, text, &entry::text);
    if (kept != known.end()) {
      keys_.push_back(std::move(*kept));
    } else {
      keys_.push_back({std::move(text), quota_bucket{}, 0});
    }
    keys_.back().minute.configure(config.requests_per_minute);
  }
}

void key_ring::turn_page(timestamp date) {
  if (date >= day_ends_) {
    day_ends_ = adapters::end_of_provider_day(date);
    for (entry& key : keys_) {
      key.today = 0;
    }
  }
}

key_ring::clock_time key_ring::in_day(
    const entry& key, clock_time opens, clock_time now, timestamp date
) const {
  const bool is_spent = per_day_ > 0 && key.today >= per_day_;
  return is_spent ? std::max(opens, now + (day_ends_ - date)) : opens;
}

std::optional<std::size_t> key_ring::choose(clock_time now, timestamp date) {
  turn_page(date);
  std::optional<std::size_t> best;
  std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const std::uint32_t used = keys_[i].minute.recent(now);
    if (used < least && in_day(keys_[i], keys_[i].minute.opens_at(now), now, date) <= now) {
      best = i;
      least = used;
    }
  }
  return best;
}

key_ring::clock_time key_ring::earliest(opening of_bucket, clock_time now, timestamp date) {
  turn_page(date);
  clock_time first = clock_time::max();
  for (const entry& key : keys_) {
    first = std::min(first, in_day(key, (key.minute.*of_bucket)(now), now, date));
  }
  return keys_.empty() ? now : first;
}

key_ring::clock_time key_ring::opens_at(clock_time now, timestamp date) {
  return earliest(&quota_bucket::opens_at, now, date);
}

key_ring::clock_time key_ring::closed_until(clock_time now, timestamp date) {
  return earliest(&quota_bucket::closed_until, now, date);
}

void key_ring::sent(std::size_t key, clock_time now) {
  keys_[key].minute.sent(now);
  ++keys_[key].today;
}

void key_ring::refused(
    const std::string& key, clock_time sent_at, milliseconds retry_after, clock_time now
) {
  if (const auto found = std::ranges::find(keys_, key, &entry::text); found != keys_.end()) {
    found->minute.refused(sent_at, retry_after, now);
  }
}

void key_ring::accepted(const std::string& key) {
  if (const auto found = std::ranges::find(keys_, key, &entry::text); found != keys_.end()) {
    found->minute.accepted();
  }
}

void key_ring::close_until(const std::string& key, clock_time when) {
  if (const auto found = std::ranges::find(keys_, key, &entry::text); found != keys_.end()) {
    found->minute.close_until(when);
  }
}

void key_ring::reject(const std::string& key, clock_time now) {
  close_until(key, now + rejection);
}

std::uint32_t key_ring::per_minute() const {
  std::uint32_t sum = 0;
  for (const entry& key : keys_) {
    if (key.minute.per_minute() == 0) {
      return 0;
    }
    sum += key.minute.per_minute();
  }
  return sum;
}

}  // namespace stayler::actors
