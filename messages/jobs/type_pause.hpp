// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"
#include "messages/jobs/job_state.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace stayler {

/// That no job of a type is given out, since when, until when and why.
struct type_pause {
  job_type type = job_type::image_conversion;
  timestamp since{};     ///< it has not gone on since then; not set where that is not known
  timestamp until{};     ///< it goes on by itself then; not set: when somebody resumes it
  std::string by{};      ///< the name of the caller's key; empty where there was none
  std::string reason{};  ///< for people; may be empty

  friend bool operator==(const type_pause&, const type_pause&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, type_pause& x) {
  return f(x.type, x.since, x.until, x.by, x.reason);
}

/// How a type was paused before a change and after it; nothing where it was not, or is not.
struct pause_change {
  std::optional<type_pause> before{};
  std::optional<type_pause> after{};

  friend bool operator==(const pause_change&, const pause_change&) = default;
};

/// True from the time on at which the type goes on by itself.
inline bool has_ended(const type_pause& pause, timestamp now) noexcept {
  return is_set(pause.until) && pause.until <= now;
}

/// Null where the type is not paused.
inline const type_pause* find_pause(const std::vector<type_pause>& pauses, job_type type) noexcept {
  const auto found = std::ranges::find(pauses, type, &type_pause::type);
  return found == pauses.end() ? nullptr : &*found;
}

}  // namespace stayler
