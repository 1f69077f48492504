// SPDX-License-Identifier: MIT
#include "policies/provider/provider_key_pool.hpp"

#include "adapters/gemini/provider_day.hpp"
#include "adapters/gemini/provider_keys.hpp"
#include "policies/provider/sharing/peer_sharing.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace stayler::policies {

namespace {

/// A key that is refused may be accepted again: its project is paid for, its API enabled.
constexpr std::chrono::minutes rejection{10};

}  // namespace

void provider_key_pool::configure(const gemini_settings& config) {
  // Quotas belong to a model: another one starts with what is configured.
  std::vector<entry> known = std::exchange(keys_, {});
  if (std::exchange(model_, config.model) != config.model) {
    known.clear();
  }
  per_day_ = config.requests_per_day;
  for (const adapters::provider_key& key : adapters::parse_provider_keys(config.api_key)) {
    const auto kept = std::ranges::find(known, key.id, &entry::id);
    if (kept != known.end()) {
      keys_.push_back(std::move(*kept));
    } else {
      keys_.push_back({key.id, learned_quota{}, 0});
    }
    keys_.back().minute.configure(config.requests_per_minute);
  }
}

void provider_key_pool::roll_over_day(timestamp date) {
  if (date >= day_ends_) {
    day_ends_ = adapters::end_of_provider_day(date);
    for (entry& key : keys_) {
      key.today = 0;
    }
  }
}

provider_key_pool::clock_time provider_key_pool::in_day(
    const entry& key, clock_time opens, clock_time now, timestamp date
) const {
  const bool is_spent = per_day_ > 0 && key.today + key.others_today >= per_day_;
  return is_spent ? std::max(opens, now + (day_ends_ - date)) : opens;
}

std::optional<std::size_t> provider_key_pool::choose(clock_time now, timestamp date) {
  roll_over_day(date);
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

provider_key_pool::clock_time provider_key_pool::earliest(
    opening of_bucket, clock_time now, timestamp date
) {
  roll_over_day(date);
  clock_time first = clock_time::max();
  for (const entry& key : keys_) {
    first = std::min(first, in_day(key, (key.minute.*of_bucket)(now), now, date));
  }
  return keys_.empty() ? now : first;
}

provider_key_pool::clock_time provider_key_pool::opens_at(clock_time now, timestamp date) {
  return earliest(&learned_quota::opens_at, now, date);
}

provider_key_pool::clock_time provider_key_pool::closed_until(clock_time now, timestamp date) {
  return earliest(&learned_quota::closed_until, now, date);
}

void provider_key_pool::sent(std::size_t key, clock_time now) {
  keys_[key].minute.sent(now);
  ++keys_[key].today;
}

void provider_key_pool::refused(
    const std::string& key, clock_time sent_at, milliseconds retry_after, clock_time now
) {
  if (const auto found = std::ranges::find(keys_, key, &entry::id); found != keys_.end()) {
    found->minute.refused(sent_at, retry_after, now);
  }
}

void provider_key_pool::accepted(const std::string& key) {
  if (const auto found = std::ranges::find(keys_, key, &entry::id); found != keys_.end()) {
    found->minute.accepted();
  }
}

void provider_key_pool::close_until(const std::string& key, clock_time when) {
  if (const auto found = std::ranges::find(keys_, key, &entry::id); found != keys_.end()) {
    found->minute.close_until(when);
  }
}

void provider_key_pool::reject(const std::string& key, clock_time now) {
  close_until(key, now + rejection);
}

std::vector<peer_key> provider_key_pool::snapshot(clock_time now) const {
  std::vector<peer_key> shown;
  for (const entry& key : keys_) {
    const auto learned = key.minute.learned();
    const auto refused_for = std::max(key.minute.refused_until(), now) - now;
    shown.push_back(
        {key.id, key.minute.recent(now), key.today, learned.per_minute, learned.evidence,
         std::chrono::ceil<milliseconds>(refused_for)}
    );
  }
  return shown;
}

std::vector<provider_key_pool::quota> provider_key_pool::found() const {
  std::vector<quota> known;
  for (const entry& key : keys_) {
    if (const auto learned = key.minute.learned(); learned.per_minute > 0) {
      known.push_back({key.id, learned.per_minute});
    }
  }
  return known;
}

void provider_key_pool::merge(
    const std::vector<peer_record>& others, std::size_t rank, bool wants_more, clock_time now
) {
  for (entry& key : keys_) {
    for (const peer_record& other : others) {
      const auto same = std::ranges::find(other.keys, key.id, &peer_key::id);
      if (same != other.keys.end()) {
        key.minute.merge({same->per_minute, same->evidence}, now);
      }
    }
    const key_share shared = share_key(
        key.id, key.minute.per_minute(), key.minute.recent(now), wants_more, others, rank, now
    );
    key.others_today = shared.others_today;
    key.minute.share(shared.minute, now);
  }
}

std::uint32_t provider_key_pool::per_minute() const {
  return sum_where_known(&learned_quota::per_minute);
}

std::uint32_t provider_key_pool::share_per_minute() const {
  return sum_where_known(&learned_quota::share_in_force);
}

std::uint32_t provider_key_pool::sum_where_known(std::uint32_t (learned_quota::*limit)() const
) const {
  std::uint32_t sum = 0;
  for (const entry& key : keys_) {
    if (key.minute.per_minute() == 0) {
      return 0;
    }
    sum += (key.minute.*limit)();
  }
  return sum;
}

}  // namespace stayler::policies
