// SPDX-License-Identifier: MIT
#include "adapters/job_store/fair_queue.hpp"

#include <algorithm>

namespace stayler::adapters {

std::uint32_t priority_band_of(const stored_job& stored) noexcept {
  return stored.over == precedence::all_jobs
             ? prioritized_band
             : std::clamp(stored.value.request.priority, lowest_priority, highest_priority);
}

std::uint32_t waiting_band(const stored_job& stored) noexcept {
  return stored.value.status == job_status::pending ? priority_band_of(stored) : 0;
}

std::int64_t rank_of(std::uint32_t band, timestamp since) noexcept {
  return (since - std::int64_t{band} * ageing_step).time_since_epoch().count();
}

fair_queue::position fair_queue::last_position(const flow& waiting, timestamp since) noexcept {
  return {rank_of(waiting.band, since), arrivals_++};
}

void fair_queue::add_flow(const flow& added, timestamp since) {
  const auto [entry, is_new] = flows_.try_emplace(added);
  if (is_new) {
    entry->second = last_position(added, since);
    orders_[lane_of(added)].emplace(entry->second, &entry->first);
  }
}

bool fair_queue::is_open(const lane& asked, const selection& of) const noexcept {
  const auto& [type, is_suspect] = asked;
  return paused_.count(type) == 0 && !leaves_out(of.suspects, is_suspect)
         && std::find(of.except.begin(), of.except.end(), type) == of.except.end();
}

const fair_queue::flow* fair_queue::next(const selection& of) const noexcept {
  const std::pair<const position, const flow*>* first = nullptr;
  for (const auto& [asked, order] : orders_) {
    const bool is_served = !order.empty() && is_open(asked, of);
    if (is_served && (first == nullptr || order.begin()->first < first->first)) {
      first = &*order.begin();
    }
  }
  return first == nullptr ? nullptr : first->second;
}

void fair_queue::requeue_flow(const flow& served, timestamp now) {
  const auto entry = flows_.find(served);
  if (entry != flows_.end()) {
    auto& order = orders_[lane_of(served)];
    auto node = order.extract(entry->second);
    entry->second = last_position(served, now);
    node.key() = entry->second;
    order.insert(std::move(node));
  }
}

void fair_queue::remove_flow(const flow& empty) {
  const auto entry = flows_.find(empty);
  if (entry != flows_.end()) {
    orders_[lane_of(empty)].erase(entry->second);
    flows_.erase(entry);
  }
}

void fair_queue::clear() noexcept {
  orders_.clear();
  flows_.clear();
}

void fair_queue::set_paused(job_type type, bool is_paused) {
  if (is_paused) {
    paused_.insert(type);
  } else {
    paused_.erase(type);
  }
}

}  // namespace stayler::adapters
