// SPDX-License-Identifier: MIT
#include "policies/nodes/held_attempts.hpp"

#include <algorithm>

namespace stayler::policies {

void held_attempts::begin(const std::string& slot, const attempt_id& attempt) {
  end_slot(slot);
  current_[slot] = attempt;
  most_slots_ = std::max(most_slots_, current_.size());
}

void held_attempts::end_slot(const std::string& slot) {
  if (const auto ended = current_.extract(slot)) {
    keep(ended.mapped());
  }
}

void held_attempts::keep(const attempt_id& ended) {
  ended_.push_back(ended);
  if (ended_.size() > 2 * most_slots_) {
    ended_.pop_front();
  }
}

template <class Predicate>
bool held_attempts::has(Predicate is_one) const {
  return std::ranges::any_of(current_, [&](const auto& entry) { return is_one(entry.second); })
         || std::ranges::any_of(ended_, is_one);
}

bool held_attempts::holds(const attempt_id& attempt) const {
  return has([&](const attempt_id& one) { return one == attempt; });
}

bool held_attempts::holds_job(const job_id& job) const {
  return has([&](const attempt_id& one) { return one.job == job; });
}

bool held_attempts::holds_picture(std::string_view image_id) const {
  return has([&](const attempt_id& one) { return picture_id_of(one) == image_id; });
}

std::vector<attempt_id> held_attempts::all() const {
  std::vector<attempt_id> attempts{ended_.begin(), ended_.end()};
  for (const auto& [slot, attempt] : current_) {
    attempts.push_back(attempt);
  }
  return attempts;
}

}  // namespace stayler::policies
