// SPDX-License-Identifier: MIT
#include "actors/queue/leases/worker_slots.hpp"

#include "messages/service/node.hpp"
#include "messages/service/quarantine.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

worker_slot& worker_slots::enter(const std::string& id, worker_actor worker, timestamp now) {
  remove(id);
  worker_slot slot;
  slot.id = id;
  slot.node = node_of_worker(id);
  slot.is_quarantine = is_quarantine(slot.node);
  slot.worker = std::move(worker);
  slot.started_at = now;
  slot.last_seen = now;
  slot.jobs_processed = processed_before_[id];
  addresses_[slot.worker.address()] = id;
  if (slot.is_quarantine) {
    quarantines_.insert(id);
  } else {
    balance_.add_worker(slot.node);
  }
  return slots_[id] = std::move(slot);
}

void worker_slots::join(const std::string& id, worker_actor worker, timestamp now) {
  make_free(enter(id, std::move(worker), now));
}

void worker_slots::join_busy(const std::string& id, worker_actor worker, job held, timestamp now) {
  set_busy(enter(id, std::move(worker), now), std::move(held));
}

void worker_slots::make_free(worker_slot& slot) {
  slot.is_free = true;
  if (slot.is_quarantine) {
    free_quarantines_.push_back(slot.id);
    return;
  }
  free_[slot.node].push_back(slot.id);
  balance_.set_free(slot.node);
}

void worker_slots::begin_claim(worker_slot& slot) {
  slot.is_free = false;
  slot.is_claiming = true;
  ++claiming_;
}

void worker_slots::withdraw(worker_slot& slot) {
  slot.is_leaving = true;
  if (!std::exchange(slot.is_free, false)) {
    return;
  }
  if (slot.is_quarantine) {
    std::erase(free_quarantines_, slot.id);
    return;
  }
  std::erase(free_[slot.node], slot.id);
  balance_.set_busy(slot.node);
}

void worker_slots::withdraw_node_of(const std::string& id) {
  const std::string_view node = node_of_worker(id);
  for (auto& [other_id, slot] : slots_) {
    if (!node.empty() && slot.node == node) {
      withdraw(slot);
    }
  }
}

worker_slot* worker_slots::find(const std::string& id) {
  const auto found = slots_.find(id);
  return found == slots_.end() ? nullptr : &found->second;
}

std::optional<std::string> worker_slots::id_of(const caf::actor_addr& address) const {
  const auto found = addresses_.find(address);
  return found == addresses_.end() ? std::nullopt : std::optional{found->second};
}

worker_slot* worker_slots::holder_of(const attempt_id& attempt) {
  worker_slot* slot = holder_of(attempt.job);
  return slot != nullptr && slot->current->token == attempt.token ? slot : nullptr;
}

worker_slot* worker_slots::holder_of(const job_id& job) {
  const auto found = holders_.find(job);
  return found == holders_.end() ? nullptr : find(found->second);
}

bool worker_slots::is_held_by_another(const attempt_id& attempt, const std::string& id) const {
  const auto found = holders_.find(attempt.job);
  return found != holders_.end() && found->second != id;
}

std::vector<std::string> worker_slots::take_free(std::size_t most) {
  std::vector<std::string> taken;
  while (balance_.has_free() && taken.size() < most) {
    std::deque<std::string>& of_node = free_[balance_.choose()];
    worker_slot& slot = slots_[of_node.front()];
    begin_claim(slot);
    balance_.set_busy(slot.node);
    taken.push_back(std::move(of_node.front()));
    of_node.pop_front();
  }
  return taken;
}

std::vector<std::string> worker_slots::take_free_quarantines() {
  const std::deque<std::string> taken = std::exchange(free_quarantines_, {});
  for (const std::string& id : taken) {
    begin_claim(slots_[id]);
  }
  return {taken.begin(), taken.end()};
}

void worker_slots::set_busy(worker_slot& slot, job leased) {
  claiming_ -= slot.is_claiming ? 1U : 0U;
  slot.is_claiming = false;
  holders_[leased.id] = slot.id;
  ++holders_by_type_[leased.request.type];
  slot.current = std::move(leased);
}

void worker_slots::set_free(worker_slot& slot) {
  claiming_ -= slot.is_claiming ? 1U : 0U;
  slot.is_claiming = false;
  if (slot.current) {
    holders_.erase(slot.current->id);
    --holders_by_type_[slot.current->request.type];
    slot.current.reset();
    slot.is_leaving = slot.is_leaving || slot.is_quarantine;
  }
  slot.is_revoked = false;
  if (!slot.is_leaving && !slot.is_free) {
    make_free(slot);
  }
}

std::optional<job> worker_slots::remove(const std::string& id) {
  const auto found = slots_.find(id);
  if (found == slots_.end()) {
    return std::nullopt;
  }
  worker_slot& slot = found->second;
  std::optional<job> held = slot.is_revoked ? std::nullopt : slot.current;
  withdraw(slot);
  set_free(slot);
  processed_before_[id] = slot.jobs_processed;
  addresses_.erase(slot.worker.address());
  if (slot.is_quarantine) {
    quarantines_.erase(id);
  } else {
    balance_.remove_worker(slot.node);
  }
  slots_.erase(found);
  return held;
}

std::uint32_t worker_slots::busy_with(job_type type) const {
  const auto found = holders_by_type_.find(type);
  return found == holders_by_type_.end() ? 0 : found->second;
}

std::vector<node_load> worker_slots::loads() const {
  std::vector<node_load> all = balance_.loads();
  if (!quarantines_.empty()) {
    const auto is_busy = [this](const std::string& id) {
      return slots_.at(id).current.has_value();
    };
    const auto busy = std::ranges::count_if(quarantines_, is_busy);
    all.push_back(
        {"quarantine", static_cast<std::uint32_t>(quarantines_.size()),
         static_cast<std::uint32_t>(busy)}
    );
  }
  return all;
}

std::vector<worker_slot*> worker_slots::busy_slots() {
  std::vector<worker_slot*> busy;
  for (const auto& [job, id] : holders_) {
    busy.push_back(find(id));
  }
  return busy;
}

std::vector<worker_status> worker_slots::status(const std::string& node) const {
  std::vector<worker_status> all;
  all.reserve(slots_.size());
  for (const auto& [id, slot] : slots_) {
    worker_status shown;
    shown.worker_id = id;
    shown.node = slot.node.empty() ? node : slot.node;
    shown.is_busy = slot.current.has_value();
    shown.current_job = slot.current ? slot.current->id : job_id{};
    shown.last_seen = slot.last_seen;
    shown.started_at = slot.started_at;
    shown.jobs_processed = slot.jobs_processed;
    all.push_back(std::move(shown));
  }
  std::ranges::sort(all, {}, &worker_status::worker_id);
  return all;
}

}  // namespace stayler::actors
