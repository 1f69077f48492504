// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace stayler::cli {

/// What the program ends with. Scripts depend on the numbers: they do not change.
enum class exit_code : std::uint8_t {
  done = 0,
  refused = 1,
  usage = 2,
  job_failed = 3,
  not_allowed = 4,
  not_found = 5,
  wrong_state = 6,
  unreachable = 7,
  out_of_time = 8,
  done_in_part = 9,
  faults_found = 10,
  interrupted = 130,
};

/// A code and what it means, for help and documentation.
struct exit_code_row {
  exit_code code = exit_code::done;
  std::string_view meaning;
};

/// All codes, in their order.
std::span<const exit_code_row> all_exit_codes() noexcept;

}  // namespace stayler::cli
