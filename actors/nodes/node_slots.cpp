// SPDX-License-Identifier: MIT
#include "actors/nodes/node_slots.hpp"

#include "actors/support/failure.hpp"
#include "actors/support/tell.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

/// Why a slot is gone, for its coordinator; none where its worker was to end.
failure why_gone(const caf::error& reason) {
  if (!reason || reason == caf::exit_reason::user_shutdown || reason == caf::exit_reason::normal) {
    return {};
  }
  return {error_class::internal_bug, describe(reason)};
}

}  // namespace

void node_slots::join(const std::string& name, worker_actor worker) {
  slot& entry = slots_[name];
  if (entry.is_announced) {
    report_gone(name, {error_class::internal_bug, name + " has been replaced"});
  }
  entry = {.worker = std::move(worker)};
  announce(name, entry);
}

bool node_slots::leave(const std::string& name) {
  const auto found = slots_.find(name);
  if (found == slots_.end()) {
    return true;
  }
  if (found->second.attempt) {
    return false;
  }
  if (found->second.is_announced) {
    report_gone(name, {});
  }
  slots_.erase(found);
  return true;
}

void node_slots::on_worker_down(const caf::down_msg& down) {
  const auto found = std::ranges::find_if(slots_, [&](const auto& entry) {
    return entry.second.worker.address() == down.source;
  });
  if (found == slots_.end()) {
    return;
  }
  if (found->second.is_announced) {
    report_gone(found->first, why_gone(down.reason));
  }
  slots_.erase(found);
}

void node_slots::on_attempt_ended(const attempt_id& attempt) {
  for (auto& [name, entry] : slots_) {
    if (entry.attempt == attempt) {
      entry.attempt.reset();
      announce(name, entry);
    }
  }
}

void node_slots::assign(const std::string& name, job& leased) {
  const auto found = slots_.find(name);
  if (found != slots_.end() && !found->second.attempt) {
    found->second.attempt = current_attempt(leased);
    tell(found->second.worker, assign_atom_v, std::move(leased));
  } else if (coordinator_) {
    // The slot's worker has just ended, which the coordinator is about to learn.
    tell(coordinator_, drop_atom_v, instance_, current_attempt(leased));
  }
}

void node_slots::cancel(const attempt_id& attempt) {
  if (const slot* at_work = slot_of(attempt)) {
    tell(at_work->worker, cancel_atom_v, attempt);
  }
}

void node_slots::drop(const attempt_id& attempt) {
  if (slot* at_work = slot_of(attempt)) {
    at_work->is_announced = false;
    tell(at_work->worker, cancel_atom_v, attempt);
  }
}

void node_slots::release(const std::string& name) {
  if (const auto found = slots_.find(name); found != slots_.end()) {
    tell(found->second.worker, release_atom_v);
  }
}

std::vector<node_attempt> node_slots::begin_hello() {
  gone_.clear();
  std::vector<node_attempt> attempts;
  for (auto& [name, entry] : slots_) {
    entry.is_announced = entry.attempt.has_value();
    if (entry.attempt) {
      attempts.push_back({name, *entry.attempt});
    }
  }
  return attempts;
}

void node_slots::connect(const node_gateway_actor& coordinator) {
  coordinator_ = coordinator;
  for (const auto& [name, why] : std::exchange(gone_, {})) {
    report_gone(name, why);
  }
  for (auto& [name, entry] : slots_) {
    announce(name, entry);
  }
  if (is_draining_) {
    tell(coordinator_, drain_atom_v, instance_);
  }
}

void node_slots::disconnect() {
  coordinator_ = nullptr;
  for (auto& [name, entry] : slots_) {
    entry.is_announced = false;
  }
}

void node_slots::drain() {
  is_draining_ = true;
  if (coordinator_) {
    tell(coordinator_, drain_atom_v, instance_);
  }
}

void node_slots::cancel_all() {
  for (const auto& [name, entry] : slots_) {
    if (entry.attempt) {
      tell(entry.worker, cancel_atom_v, *entry.attempt);
    }
  }
}

void node_slots::release_all() {
  for (const auto& [name, entry] : slots_) {
    if (entry.attempt) {
      tell(entry.worker, release_atom_v);
    }
  }
}

std::uint32_t node_slots::busy() const {
  return static_cast<std::uint32_t>(std::ranges::count_if(slots_, [](const auto& entry) {
    return entry.second.attempt.has_value();
  }));
}

void node_slots::announce(const std::string& name, slot& announced) {
  if (coordinator_ && !is_draining_ && !announced.attempt
      && !std::exchange(announced.is_announced, true)) {
    tell(coordinator_, join_atom_v, instance_, name);
  }
}

void node_slots::report_gone(const std::string& name, const failure& why) {
  if (coordinator_) {
    tell(coordinator_, leave_atom_v, instance_, name, why);
  } else {
    gone_[name] = why;
  }
}

node_slots::slot* node_slots::slot_of(const attempt_id& attempt) {
  const auto found = std::ranges::find_if(slots_, [&](const auto& entry) {
    return entry.second.attempt == attempt;
  });
  return found == slots_.end() ? nullptr : &found->second;
}

}  // namespace stayler::actors
