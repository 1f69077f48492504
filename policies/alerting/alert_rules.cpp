// SPDX-License-Identifier: MIT
#include "policies/alerting/alert_rules.hpp"

#include <utility>

namespace stayler::policies {

namespace {

using std::chrono::minutes;

constexpr minutes error_memory{5};  ///< so long an error counts
constexpr minutes key_memory{15};   ///< a refused key: the rule keeps firing for ten more
constexpr std::uint64_t open_heap = 1'000;

/// How long the condition has to hold before the alert fires.
constexpr minutes hold_time(alert_kind kind) {
  switch (kind) {
    case alert_kind::no_workers:
      return minutes{2};
    case alert_kind::store_full:
      return minutes{1};
    case alert_kind::provider_key_refused:
      return minutes{0};
    case alert_kind::breaker_open:
      return minutes{15};
    case alert_kind::notifications_stuck:
      return minutes{10};
  }
  return minutes{0};
}

}  // namespace

bool alert_rules::rising::update(std::uint64_t count, instant now, milliseconds memory) {
  if (last_ && count > *last_) {
    risen_at_ = now;
  }
  last_ = count;
  return risen_at_ && now - *risen_at_ < memory;
}

std::vector<alert_change> alert_rules::update(
    const alert_facts& facts, instant now, timestamp date
) {
  std::vector<alert_change> changes;
  for (const alert_kind kind : all_alert_kinds) {
    auto summary = verdict(kind, facts, now);
    if (!summary) {
      continue;
    }
    if (auto change = judge(kind, *std::move(summary), now, date)) {
      changes.push_back(*std::move(change));
    }
  }
  return changes;
}

void alert_rules::resume(alert_kind kind, std::string summary, timestamp since, instant now) {
  alert_state& state = state_of(kind);
  state.is_firing = true;
  state.resumed_at = now;
  state.summary = std::move(summary);
  state.since = since;
}

std::vector<alert_change> alert_rules::firing() const {
  std::vector<alert_change> all;
  for (const alert_kind kind : all_alert_kinds) {
    const alert_state& state = states_[static_cast<std::size_t>(kind)];
    if (state.is_firing) {
      all.push_back({kind, true, state.summary, state.since});
    }
  }
  return all;
}

std::optional<std::string> alert_rules::verdict(
    alert_kind kind, const alert_facts& facts, instant now
) {
  switch (kind) {
    case alert_kind::no_workers:
      if (!facts.pending || !facts.workers) {
        return std::nullopt;
      }
      return *facts.pending > 0 && *facts.workers == 0
                 ? std::to_string(*facts.pending) + " jobs are pending, and no worker has joined"
                 : "";
    case alert_kind::store_full:
      if (!facts.full_store_errors) {
        return std::nullopt;
      }
      return full_store_errors_.update(*facts.full_store_errors, now, error_memory)
                 ? "the job store takes no more: it is full"
                 : "";
    case alert_kind::provider_key_refused:
      if (!facts.refused_keys) {
        return std::nullopt;
      }
      return refused_keys_.update(*facts.refused_keys, now, key_memory)
                 ? "the provider refuses a key: " + facts.refusal
                 : "";
    case alert_kind::breaker_open:
      if (!facts.breaker) {
        return std::nullopt;
      }
      return *facts.breaker == breaker_state::closed
                 ? ""
                 : "the provider fails; its circuit breaker has been open or half open for 15 "
                   "minutes";
    case alert_kind::notifications_stuck:
      return stuck_notifications(facts, now);
  }
  return std::nullopt;
}

std::optional<std::string> alert_rules::stuck_notifications(const alert_facts& facts, instant now) {
  if (!facts.open_notifications || !facts.given_up_notifications) {
    return std::nullopt;
  }
  const bool are_given_up = given_up_.update(*facts.given_up_notifications, now, minutes{15});
  if (*facts.open_notifications > open_heap) {
    return std::to_string(*facts.open_notifications) + " notifications are not delivered";
  }
  return are_given_up ? "notifications are given up" : "";
}

std::optional<alert_change> alert_rules::judge(
    alert_kind kind, std::string summary, instant now, timestamp date
) {
  alert_state& state = state_of(kind);
  if (summary.empty()) {
    state.holds_since.reset();
    if (state.resumed_at && now - *state.resumed_at < least_interval) {
      return std::nullopt;
    }
    state.resumed_at.reset();
    if (!std::exchange(state.is_firing, false)) {
      return std::nullopt;
    }
    return alert_change{kind, false, std::move(state.summary), state.since};
  }
  if (!state.holds_since) {
    state.holds_since = now;
    state.since = state.is_firing ? state.since : date;
  }
  const bool is_too_early = state.fired_at && now - *state.fired_at < least_interval;
  if (state.is_firing || is_too_early || now - *state.holds_since < hold_time(kind)) {
    return std::nullopt;
  }
  state.is_firing = true;
  state.fired_at = now;
  state.summary = std::move(summary);
  return alert_change{kind, true, state.summary, state.since};
}

}  // namespace stayler::policies
