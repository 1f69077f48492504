// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace stayler::cli {

/// A program of the user's that is run.
struct program_call {
  std::vector<std::string> words;  ///< the first is looked for in PATH
  std::string input = {};          ///< its stdin; empty: /dev/null
  std::vector<std::pair<std::string, std::string>> variables = {};  ///< besides ours
  bool is_silent = false;  ///< its stdout and stderr go nowhere
};

/// Runs it to its end, with signals as a new program expects them; its exit code, 128 and more
/// where a signal ended it, -1 where there is no such program.
int run_program(const program_call& call);

/// Starts it and does not wait for it; false where there is no such program.
bool start_program_apart(const program_call& call);

}  // namespace stayler::cli
