// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/attempt.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::policies {

/// The attempts that a node may speak of: the one in each of its slots, and the last ones that were
/// there before, of which something may still be on its way.
class held_attempts {
 public:
  /// That slot holds that attempt now.
  void begin(const std::string& slot, const attempt_id& attempt);
  /// That slot is gone.
  void end_slot(const std::string& slot);

  [[nodiscard]] bool holds(const attempt_id& attempt) const;
  [[nodiscard]] bool holds_job(const job_id& job) const;
  /// Whether one of them makes the picture of that id.
  [[nodiscard]] bool holds_picture(std::string_view image_id) const;

  [[nodiscard]] std::vector<attempt_id> all() const;

 private:
  void keep(const attempt_id& ended);

  template <class Predicate>
  [[nodiscard]] bool has(Predicate is_one) const;

  std::map<std::string, attempt_id> current_;  ///< by slot
  std::deque<attempt_id> ended_;               ///< the latest last
  std::size_t most_slots_ = 0;                 ///< at a time, so far
};

}  // namespace stayler::policies
