// SPDX-License-Identifier: MIT

// The part of the link that deals with the node's workers: what they have to do, and the end of it.

#include "actors/nodes/coordinator_link.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

constexpr adapters::logger log{adapters::subsystem::nodes};

/// Workers that were told to stop get this long before the node ends without them.
constexpr milliseconds release_grace{1'000};

bool was_told_to_end(const caf::error& reason) {
  return !reason || reason == caf::exit_reason::user_shutdown || reason == caf::exit_reason::normal;
}

}  // namespace

void coordinator_link_state::join(const std::string& slot_name, worker_actor worker) {
  self_->monitor(worker);
  slot& entry = slots_[slot_name];
  if (entry.is_announced) {
    slot_gone(slot_name, {error_class::internal_bug, slot_name + " has been replaced", {}});
  }
  entry = {std::move(worker), {}, false};
  announce(slot_name, entry);
}

void coordinator_link_state::slot_gone(const std::string& slot_name, const failure& why) {
  if (gateway_) {
    self_->send(gateway_, leave_atom_v, options_.hello.incarnation, slot_name, why);
  } else {
    gone_[slot_name] = why;
  }
}

void coordinator_link_state::announce(const std::string& slot_name, slot& free) {
  if (gateway_ && !is_draining_ && !free.attempt && !std::exchange(free.is_announced, true)) {
    self_->send(gateway_, join_atom_v, options_.hello.incarnation, slot_name);
  }
}

bool coordinator_link_state::leave(const std::string& slot_name) {
  const auto found = slots_.find(slot_name);
  if (found == slots_.end()) {
    return true;
  }
  if (found->second.attempt) {
    return false;
  }
  if (found->second.is_announced) {
    slot_gone(slot_name, {});
  }
  slots_.erase(found);
  return true;
}

void coordinator_link_state::worker_down(const caf::down_msg& down) {
  const auto found = std::ranges::find_if(slots_, [&](const auto& entry) {
    return entry.second.worker.address() == down.source;
  });
  if (found == slots_.end()) {
    return;
  }
  if (found->second.is_announced) {
    failure why{error_class::internal_bug, describe(down.reason), {}};
    slot_gone(found->first, was_told_to_end(down.reason) ? failure{} : std::move(why));
  }
  slots_.erase(found);
  end_drain_if_idle();
}

coordinator_link_state::slot* coordinator_link_state::slot_of(const attempt_id& attempt) {
  const auto found = std::ranges::find_if(slots_, [&](const auto& entry) {
    return entry.second.attempt == attempt;
  });
  return found == slots_.end() ? nullptr : &found->second;
}

void coordinator_link_state::assign(const std::string& slot_name, job& leased) {
  const auto found = slots_.find(slot_name);
  if (found == slots_.end() || found->second.attempt) {
    // Its worker has just ended, of which the coordinator is about to hear.
    if (gateway_) {
      caf::anon_send(
          gateway_, finish_atom_v, current_attempt(leased),
          attempt_outcome{.kind = attempt_outcome_kind::released}
      );
    }
    return;
  }
  found->second.attempt = current_attempt(leased);
  self_->send(found->second.worker, assign_atom_v, std::move(leased));
}

void coordinator_link_state::cancel(const attempt_id& attempt) {
  if (const slot* at_work = slot_of(attempt)) {
    self_->send(at_work->worker, cancel_atom_v, attempt);
  }
}

void coordinator_link_state::drop(const attempt_id& attempt) {
  if (slot* at_work = slot_of(attempt)) {
    at_work->is_announced = false;
    self_->send(at_work->worker, cancel_atom_v, attempt);
  }
}

void coordinator_link_state::release(const std::string& slot_name) {
  if (const auto found = slots_.find(slot_name); found != slots_.end()) {
    self_->send(found->second.worker, release_atom_v);
  }
}

void coordinator_link_state::became_idle(const attempt_id& attempt) {
  for (auto& [slot_name, one] : slots_) {
    if (one.attempt == attempt) {
      one.attempt.reset();
      announce(slot_name, one);
    }
  }
  end_drain_if_idle();
}

std::uint32_t coordinator_link_state::busy() const {
  return static_cast<std::uint32_t>(std::ranges::count_if(slots_, [](const auto& entry) {
    return entry.second.attempt.has_value();
  }));
}

caf::result<unit_value> coordinator_link_state::drain(milliseconds timeout) {
  drain_answers_.push_back(make_reply_promise<unit_value>(self_));
  if (!std::exchange(is_draining_, true)) {
    log.info("taking no more jobs", {{"node", options_.hello.name}, {"attempts", busy()}});
    if (gateway_) {
      self_->send(gateway_, drain_atom_v, options_.hello.incarnation);
    }
    self_->delayed_send(self_, timeout, drain_atom_v);
  }
  end_drain_if_idle();
  return caf::delegated<unit_value>{};
}

void coordinator_link_state::drain_deadline() {
  for (const auto& [slot_name, one] : slots_) {
    if (one.attempt) {
      self_->send(one.worker, release_atom_v);
    }
  }
  self_->delayed_send(self_, release_grace, release_atom_v);
}

void coordinator_link_state::end_drain_if_idle() {
  if (is_draining_ && busy() == 0) {
    say_goodbye();
  }
}

}  // namespace stayler::actors
