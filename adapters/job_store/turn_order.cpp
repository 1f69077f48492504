// SPDX-License-Identifier: MIT
#include "adapters/job_store/turn_order.hpp"

#include <algorithm>

namespace stayler::adapters {

std::uint32_t lane_of(const stored_job& stored) noexcept {
  return stored.is_promoted
             ? promoted_lane
             : std::clamp(stored.value.request.priority, lowest_priority, highest_priority);
}

turn_order::position turn_order::position_at_end(const line& who, timestamp since) noexcept {
  const auto start = since - std::int64_t{who.lane} * ageing_step;
  return {start.time_since_epoch().count(), joined_++};
}

void turn_order::join(const line& who, timestamp since) {
  const auto [entry, is_new] = lines_.try_emplace(who);
  if (is_new) {
    entry->second = position_at_end(who, since);
    order_.emplace(entry->second, &entry->first);
  }
}

const turn_order::line* turn_order::next() const noexcept {
  return order_.empty() ? nullptr : order_.begin()->second;
}

void turn_order::yield(const line& who, timestamp now) {
  const auto entry = lines_.find(who);
  if (entry != lines_.end()) {
    auto node = order_.extract(entry->second);
    entry->second = position_at_end(who, now);
    node.key() = entry->second;
    order_.insert(std::move(node));
  }
}

void turn_order::leave(const line& who) {
  const auto entry = lines_.find(who);
  if (entry != lines_.end()) {
    order_.erase(entry->second);
    lines_.erase(entry);
  }
}

void turn_order::clear() noexcept {
  order_.clear();
  lines_.clear();
}

}  // namespace stayler::adapters
