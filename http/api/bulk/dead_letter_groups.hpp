// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// The message without what differs from one occurrence to the next: numbers, ids and addresses are
/// "#".
std::string normalize_message(std::string_view message);

/// What dead letters have in common whose class and normalized message are the same: 16 hex digits.
std::string group_of(const failure& error);

/// Dead letters of one cause.
struct dead_letter_group {
  error_class error = error_class::none;
  std::string message;  ///< normalized
  std::uint64_t count = 0;
  timestamp first;  ///< when the first of them became a dead letter,
  timestamp last;   ///< and the last
  job_id sample;    ///< the one that was added first
};

/// Sorts dead letters by their cause.
class dead_letter_groups {
 public:
  void add(const job& dead);

  /// How many were added.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// As JSON, the largest group first. `is_complete`: no dead letter was left out.
  [[nodiscard]] std::string render(bool is_complete) const;

 private:
  std::map<std::string, dead_letter_group> groups_;  ///< by group_of()
  std::uint64_t size_ = 0;
};

}  // namespace stayler::http
