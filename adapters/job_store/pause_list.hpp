// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/type_pause.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace stayler::adapters {

/// The earlier of two times, of which either may not be set.
inline timestamp earlier_of(timestamp one, timestamp other) noexcept {
  return is_set(one) && is_set(other) ? std::min(one, other) : std::max(one, other);
}

/// The pauses of an indexed_job_store, one of a type at most.
class pause_list {
 public:
  pause_list() = default;
  explicit pause_list(std::vector<type_pause> pauses) : pauses_(std::move(pauses)) {}

  /// By type.
  [[nodiscard]] const std::vector<type_pause>& all() const noexcept { return pauses_; }

  [[nodiscard]] bool has(job_type type) const noexcept {
    return find_pause(pauses_, type) != nullptr;
  }

  /// Puts it in the place of an earlier one of that type, whose `since` it gets.
  pause_change add(type_pause pause, timestamp now) {
    pause_change made = remove(pause.type);
    pause.since = made.before && is_set(made.before->since) ? made.before->since : now;
    made.after = pause;
    pauses_.push_back(std::move(pause));
    std::ranges::sort(pauses_, {}, &type_pause::type);
    return made;
  }

  pause_change remove(job_type type) {
    pause_change made;
    if (const type_pause* before = find_pause(pauses_, type)) {
      made.before = *before;
    }
    std::erase_if(pauses_, [type](const type_pause& each) { return each.type == type; });
    return made;
  }

  /// Removes those that have ended by then, however long ago.
  std::vector<type_pause> take_ended(timestamp now) {
    std::vector<type_pause> ended;
    std::erase_if(pauses_, [&](const type_pause& each) {
      if (has_ended(each, now)) {
        ended.push_back(each);
      }
      return has_ended(each, now);
    });
    return ended;
  }

  /// The earliest end; not set where none has one.
  [[nodiscard]] timestamp next_end() const noexcept {
    timestamp next;
    for (const type_pause& each : pauses_) {
      next = earlier_of(next, each.until);
    }
    return next;
  }

 private:
  std::vector<type_pause> pauses_;
};

}  // namespace stayler::adapters
