// SPDX-License-Identifier: MIT
#include "adapters/job_store/turn_order.hpp"

#include <algorithm>

namespace stayler::adapters {

std::uint32_t lane_of(const stored_job& stored) noexcept {
  return stored.is_promoted
             ? promoted_lane
             : std::clamp(stored.value.request.priority, lowest_priority, highest_priority);
}

std::int64_t position_in_turn(std::uint32_t lane, timestamp since) noexcept {
  return (since - std::int64_t{lane} * ageing_step).time_since_epoch().count();
}

turn_order::position turn_order::position_at_end(const line& who, timestamp since) noexcept {
  return {position_in_turn(who.lane, since), joined_++};
}

void turn_order::join(const line& who, timestamp since) {
  const auto [entry, is_new] = lines_.try_emplace(who);
  if (is_new) {
    entry->second = position_at_end(who, since);
    orders_[who.type].emplace(entry->second, &entry->first);
  }
}

const turn_order::line* turn_order::next(std::span<const job_type> except) const noexcept {
  const std::pair<const position, const line*>* first = nullptr;
  for (const auto& [type, order] : orders_) {
    const bool is_open = !order.empty() && paused_.count(type) == 0
                         && std::find(except.begin(), except.end(), type) == except.end();
    if (is_open && (first == nullptr || order.begin()->first < first->first)) {
      first = &*order.begin();
    }
  }
  return first == nullptr ? nullptr : first->second;
}

void turn_order::yield(const line& who, timestamp now) {
  const auto entry = lines_.find(who);
  if (entry != lines_.end()) {
    auto& order = orders_[who.type];
    auto node = order.extract(entry->second);
    entry->second = position_at_end(who, now);
    node.key() = entry->second;
    order.insert(std::move(node));
  }
}

void turn_order::leave(const line& who) {
  const auto entry = lines_.find(who);
  if (entry != lines_.end()) {
    orders_[who.type].erase(entry->second);
    lines_.erase(entry);
  }
}

void turn_order::clear() noexcept {
  orders_.clear();
  lines_.clear();
}

void turn_order::set_paused(job_type type, bool is_paused) {
  if (is_paused) {
    paused_.insert(type);
  } else {
    paused_.erase(type);
  }
}

}  // namespace stayler::adapters
