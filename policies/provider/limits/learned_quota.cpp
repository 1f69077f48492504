// SPDX-License-Identifier: MIT
#include "policies/provider/limits/learned_quota.hpp"

#include <algorithm>

namespace stayler::policies {

namespace {

using std::chrono::minutes;

/// A 429 without a time, or with one that is next to nothing.
constexpr learned_quota::milliseconds shortest_wait{1'000};

/// A refusal that names no time teaches nothing about a minute with fewer calls.
constexpr std::uint32_t enough_to_learn = 10;

/// A refusal that names a longer time speaks of a count, not of a rate.
constexpr learned_quota::milliseconds longest_gap{2'000};

/// Refusals so soon after each other are due to the same empty bucket; a rate is not told from
/// less.
constexpr std::chrono::seconds rate_base{1};

/// The first probe adds a fiftieth; each that is accepted doubles the next, up to a half.
constexpr std::uint32_t first_share = 50;
constexpr std::uint32_t most_doublings = 4;

/// While calls are spread: those that are late by no more than that are made good at once.
constexpr std::chrono::seconds catch_up{10};

/// Nobody has had to wait for so long: calls are no longer spread.
constexpr std::chrono::seconds calm{30};

/// While the calls of others fill the quota.
constexpr learned_quota::milliseconds look_again{500};

/// So long after a refusal the calls that were under way with it have ended, and all have heard of
/// each other.
constexpr std::chrono::seconds settling_time{3};

}  // namespace

std::uint32_t learned_quota::per_minute() const {
  return configured_ > 0 ? configured_ : learned_;
}

std::uint32_t learned_quota::recent(clock_time now) const {
  const auto first = std::upper_bound(sent_.begin(), sent_.end(), now - minutes{1});
  return static_cast<std::uint32_t>(sent_.end() - first);
}

learned_quota::clock_time learned_quota::opens_at(clock_time now) const {
  clock_time earliest = std::max({now, closed_until_, window_opens_at(now), next_.value_or(now)});
  if (sharing_) {
    earliest = std::max(earliest, sharing_->closed_until);
    if (per_minute() > 0 && recent_of_all(now) >= per_minute()) {
      earliest = std::max(earliest, now + look_again);
    }
  }
  return earliest;
}

learned_quota::clock_time learned_quota::closed_until(clock_time now) const {
  const clock_time window = window_opens_at(now);
  const bool is_pause = next_ && window - now <= catch_up;
  const clock_time of_others = sharing_ ? sharing_->closed_until : now;
  return std::max({now, closed_until_, of_others, is_pause ? now : window});
}

learned_quota::clock_time learned_quota::window_opens_at(clock_time now) const {
  const std::uint32_t limit = share_in_force();
  if (limit == 0 || recent(now) < limit) {
    return now;
  }
  // The call that must have left the window before another fits in.
  return sent_[sent_.size() - limit] + minutes{1};
}

std::uint32_t learned_quota::share_in_force() const {
  const std::uint32_t limit = per_minute();
  return sharing_ && limit > 0 ? std::clamp(sharing_->share, 1U, limit) : limit;
}

std::uint32_t learned_quota::recent_of_all(clock_time now) const {
  return recent(now) + (sharing_ ? sharing_->others_recent : 0);
}

void learned_quota::begin(std::uint32_t per_minute, clock_time now) {
  learned_ = per_minute;
  changed_at_ = now;
  if (per_minute > 0) {
    next_ = now;
  }
}

void learned_quota::merge(const knowledge& other, clock_time now) {
  if (other.per_minute == 0 || other.evidence < evidence_) {
    return;
  }
  if (other.evidence > evidence_) {
    // It may have been this bucket's probe that made the others' calls too many.
    end_probes(now);
    learned_ = other.per_minute;
    evidence_ = other.evidence;
  } else {
    learned_ = std::max(learned_, other.per_minute);
  }
}

void learned_quota::share(const std::optional<sharing>& how, clock_time now) {
  const std::uint32_t before = share_in_force();
  sharing_ = how;
  const std::uint32_t after = share_in_force();
  if (next_ && *next_ > now && after > before) {
    // A pause that was due to a small share is as much shorter as the share has grown.
    next_ = now + (*next_ - now) * before / after;
  }
  if (sharing_ && next_ && sharing_->closed_until > now) {
    next_ = std::max(*next_, sharing_->closed_until + turn());
  }
  // What the others had sent when this bucket learnt is known only now.
  if (learned_ > 0 && now - learned_at_ < settling_time) {
    learned_ = std::max(learned_, recent_of_all(now));
  }
}

void learned_quota::sent(clock_time now) {
  forget_old(now);
  if (recent_of_all(now) == 0) {
    busy_since_ = now;
  }
  sent_.push_back(now);
  spread(now);
  probe(now);
}

void learned_quota::spread(clock_time now) {
  const std::uint32_t limit = share_in_force();
  if (next_ && (limit == 0 || now - *next_ > calm)) {
    next_.reset();
  }
  if (next_) {
    next_ = std::max(*next_, now - catch_up) + clock_time::duration{minutes{1}} / limit;
  } else if (limit > 0 && recent(now) >= limit) {
    next_ = window_opens_at(now);
  }
}

void learned_quota::forget_old(clock_time now) {
  while (!sent_.empty() && sent_.front() + minutes{1} <= now) {
    sent_.pop_front();
  }
}

void learned_quota::probe(clock_time now) {
  const auto patience = minutes{1} * (1U << std::min(failed_probes_, 3U));
  const bool may_probe = !sharing_ || sharing_->may_probe;
  if (!may_probe || learned_ == 0 || sent_.size() < share_in_force()
      || now - changed_at_ < patience) {
    return;
  }
  const std::uint32_t share = first_share >> std::min(good_probes_, most_doublings);
  learned_ += std::max(1U, learned_ / share);
  ++good_probes_;
  changed_at_ = now;
}

void learned_quota::refused(clock_time sent_at, milliseconds retry_after, clock_time now) {
  if (const auto found = std::lower_bound(sent_.begin(), sent_.end(), sent_at);
      found != sent_.end() && *found == sent_at) {
    sent_.erase(found);
    taken_when_empty_ -= sent_at <= emptied_at_ && taken_when_empty_ > 0 ? 1 : 0;
  }
  milliseconds wait = std::max(retry_after, shortest_wait);
  if (retry_after.count() == 0) {
    wait = shortest_wait * (1U << std::min(bare_refusals_++, 6U));
  }
  closed_until_ = std::max(closed_until_, now + wait);
  refused_until_ = now + wait;
  if (configured_ == 0 && (retry_after.count() > 0 || recent_of_all(now) >= enough_to_learn)) {
    const bool is_of_rate = is_rate(retry_after, now);
    is_of_rate ? learn_rate(now) : learn(retry_after, now);
    // Those that were sent before have taken the rest of the minute's quota in advance.
    next_ = is_of_rate ? closed_until_ + turn() : next_.value_or(closed_until_);
  }
}

bool learned_quota::is_rate(milliseconds retry_after, clock_time now) const {
  return retry_after.count() > 0 && retry_after <= longest_gap
         && busy_since_ + minutes{1} > now + retry_after + rate_base;
}

learned_quota::clock_time::duration learned_quota::turn() const {
  const bool is_shared = sharing_ && per_minute() > 0;
  return is_shared ? sharing_->rank * clock_time::duration{minutes{1}} / per_minute()
                   : clock_time::duration{0};
}

void learned_quota::learn_rate(clock_time now) {
  // What others have sent is known half a second later.
  if (now - emptied_at_ < (sharing_ ? settling_time : rate_base)) {
    return;
  }
  const std::uint32_t before = emptied_at_ < busy_since_ ? 0 : taken_when_empty_;
  const std::uint32_t calls = std::max(recent_of_all(now), before) - before;
  const auto time =
      std::max<clock_time::duration>(now - std::max(busy_since_, emptied_at_), rate_base);
  end_probes(now);
  learned_ =
      std::max(1U, static_cast<std::uint32_t>(calls * clock_time::duration{minutes{1}} / time));
  ++evidence_;
  emptied_at_ = now;
  taken_when_empty_ = recent_of_all(now);
}

void learned_quota::end_probes(clock_time now) {
  failed_probes_ += good_probes_ > 0 ? 1 : 0;
  good_probes_ = 0;
  changed_at_ = now;
}

void learned_quota::learn(milliseconds retry_after, clock_time now) {
  end_probes(now);
  // Where the provider takes a call sooner than this count would, the count is too low.
  const std::uint32_t then = retry_after.count() > 0 ? recent(now + retry_after) + 1 : 1;
  learned_ = std::max(recent_of_all(now), then);
  ++evidence_;
  learned_at_ = now;
}

void learned_quota::close_until(clock_time when) {
  closed_until_ = std::max(closed_until_, when);
}

}  // namespace stayler::policies
