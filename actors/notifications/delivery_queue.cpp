// SPDX-License-Identifier: MIT
#include "actors/notifications/delivery_queue.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

delivery_queue::ticket delivery_queue::add(adapters::outbox_entry entry) {
  const ticket added = ++last_;
  tickets_.emplace(entry.event.event_id, added);
  open_[added].entry = std::move(entry);
  return added;
}

void delivery_queue::remove(ticket removed) {
  const auto found = open_.find(removed);
  tickets_.erase(found->second.entry.event.event_id);
  std::erase(ready_, removed);
  open_.erase(found);
}

std::optional<delivery_queue::ticket> delivery_queue::find(const std::string& event_id) const {
  const auto found = tickets_.find(event_id);
  return found == tickets_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<delivery_queue::ticket> delivery_queue::oldest_at_rest() const {
  const auto oldest =
      std::ranges::find_if(open_, [](const auto& entry) { return !entry.second.is_in_flight; });
  return oldest == open_.end() ? std::nullopt : std::optional{oldest->first};
}

std::optional<delivery_queue::ticket> delivery_queue::begin_delivery(std::size_t max_in_flight) {
  if (ready_.empty() || in_flight_ >= max_in_flight) {
    return std::nullopt;
  }
  const ticket next = ready_.front();
  ready_.pop_front();
  open_notification& begun = open_.at(next);
  begun.is_in_flight = true;
  ++begun.entry.tries;
  ++in_flight_;
  return next;
}

bool delivery_queue::end_delivery(ticket one) {
  const auto found = open_.find(one);
  if (found == open_.end() || !std::exchange(found->second.is_in_flight, false)) {
    return false;
  }
  --in_flight_;
  return true;
}

}  // namespace stayler::actors
