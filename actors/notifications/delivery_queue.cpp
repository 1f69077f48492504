// SPDX-License-Identifier: MIT
#include "actors/notifications/delivery_queue.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

delivery_queue::ticket delivery_queue::add(
    adapters::outbox_entry entry, const std::string& receiver
) {
  const ticket added = ++last_;
  tickets_.emplace(entry.event.event_id, added);
  open_notification& open = open_[added];
  open.entry = std::move(entry);
  open.receiver = receiver;
  lane& its = lanes_[receiver];
  its.state.receiver = receiver;
  ++its.open;
  return added;
}

void delivery_queue::remove(ticket removed) {
  const auto found = open_.find(removed);
  const open_notification& gone = found->second;
  const auto at = lanes_.find(gone.receiver);
  lane& its = at->second;
  its.waiting -= gone.is_ready ? 1 : 0;
  // What is known of the one receiver that all have is kept; of others, as long as they have some.
  if (--its.open == 0 && !gone.receiver.empty()) {
    std::erase(turns_, gone.receiver);
    lanes_.erase(at);
  }
  tickets_.erase(gone.entry.event.event_id);
  open_.erase(found);
}

std::optional<delivery_queue::ticket> delivery_queue::find(const std::string& event_id) const {
  const auto found = tickets_.find(event_id);
  return found == tickets_.end() ? std::nullopt : std::optional{found->second};
}

std::vector<delivery_queue::ticket> delivery_queue::about(const std::string& user_id) const {
  std::vector<ticket> found;
  for (const auto& [one, open] : open_) {
    if (open.entry.event.user_id == user_id) {
      found.push_back(one);
    }
  }
  return found;
}

std::optional<delivery_queue::ticket> delivery_queue::oldest_at_rest() const {
  const auto oldest =
      std::ranges::find_if(open_, [](const auto& entry) { return !entry.second.is_in_flight; });
  return oldest == open_.end() ? std::nullopt : std::optional{oldest->first};
}

void delivery_queue::make_ready(ticket one) {
  open_notification& made = open_.at(one);
  if (made.is_ready || made.is_in_flight) {
    return;
  }
  made.is_ready = true;
  lane& its = lanes_.at(made.receiver);
  ++its.waiting;
  its.ready.push_back(one);
  queue_up(made.receiver, its);
}

bool delivery_queue::is_idle() const {
  return in_flight_ == 0 && std::ranges::none_of(lanes_, [](const auto& each) {
           return each.second.waiting > 0 && each.second.state.failures_in_a_row == 0;
         });
}

void delivery_queue::queue_up(const std::string& receiver, lane& at) {
  if (!at.ready.empty() && !std::exchange(at.has_turn, true)) {
    turns_.push_back(receiver);
  }
}

bool delivery_queue::has_room(const lane& one, const delivery_bounds& bounds) {
  return one.in_flight
         < (one.state.failures_in_a_row > 0 ? bounds.per_failing : bounds.per_receiver);
}

std::optional<delivery_queue::ticket> delivery_queue::take_ready(lane& from) {
  while (!from.ready.empty()) {
    const ticket next = from.ready.front();
    from.ready.pop_front();
    if (open_.contains(next)) {
      return next;
    }
  }
  return std::nullopt;
}

std::optional<delivery_queue::ticket> delivery_queue::begin_delivery(const delivery_bounds& bounds
) {
  for (auto left = turns_.size(); left > 0 && in_flight_ < bounds.in_all; --left) {
    const std::string receiver = std::move(turns_.front());
    turns_.pop_front();
    lane& its = lanes_.at(receiver);
    its.has_turn = false;
    const auto next = has_room(its, bounds) ? take_ready(its) : std::nullopt;
    queue_up(receiver, its);
    if (next) {
      begin(*next, its);
      return next;
    }
  }
  return std::nullopt;
}

void delivery_queue::begin(ticket next, lane& its) {
  open_notification& begun = open_.at(next);
  begun.is_ready = false;
  begun.is_in_flight = true;
  ++begun.entry.tries;
  ++its.in_flight;
  --its.waiting;
  ++in_flight_;
}

bool delivery_queue::end_delivery(ticket one, const delivery_result& how, timestamp at) {
  const auto found = open_.find(one);
  if (found == open_.end() || !std::exchange(found->second.is_in_flight, false)) {
    return false;
  }
  --in_flight_;
  lane& its = lanes_.at(found->second.receiver);
  --its.in_flight;
  its.state.last = how;
  if (how.is_success()) {
    its.state.failures_in_a_row = 0;
  } else {
    ++its.state.failures_in_a_row;
    its.state.last_failure = at;
  }
  return true;
}

const receiver_state& delivery_queue::receiver_of(ticket one) const {
  return lanes_.at(open_.at(one).receiver).state;
}

receiver_state delivery_queue::most_troubled() const {
  receiver_state worst;
  for (const auto& [receiver, its] : lanes_) {
    if (its.state.failures_in_a_row >= worst.failures_in_a_row) {
      worst = its.state;
    }
  }
  return worst;
}

}  // namespace stayler::actors
