// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/exit_code.hpp"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace stayler::cli {

/// What ends a command: shown as three lines (what failed, why, what to do) and an exit code. It is
/// thrown, and caught in one place (`run_cli`): a command has nobody else to tell
/// (docs/decisions/0060).
struct command_error : std::exception {
  command_error(exit_code ends_with, std::string failed, std::string reason, std::string advice)
      : code(ends_with),
        what_failed(std::move(failed)),
        why(std::move(reason)),
        what_to_do(std::move(advice)) {}

  exit_code code;
  std::string what_failed;   ///< "cannot retry 0198…"
  std::string why;           ///< may be empty
  std::string what_to_do;    ///< may be empty
  std::uint32_t status = 0;  ///< of the answer that refused it; 0: there was none
  std::string request_id;    ///< of that answer
  std::string problem;       ///< the API's problem document, where it was that which refused

  [[nodiscard]] const char* what() const noexcept override { return what_failed.c_str(); }
};

/// Wrong usage: exit code 2.
[[noreturn]] inline void refuse_usage(
    std::string failed, std::string why, std::string advice = {}
) {
  throw command_error{
      exit_code::usage, std::move(failed), std::move(why),
      advice.empty() ? "stayler help shows the commands" : std::move(advice)};
}

}  // namespace stayler::cli
