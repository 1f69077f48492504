// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace stayler::adapters {

/// A descriptor of the caller's that a program is given, and its number there.
struct passed_descriptor {
  int own = -1;
  int theirs = -1;
};

/// A program to be started, without arguments.
struct program_start {
  std::filesystem::path program;
  std::vector<std::string> environment;  ///< NAME=value: all that it has
  std::vector<passed_descriptor> descriptors;
  bool keeps_stderr = false;  ///< 2 is the caller's
};

/// Starts it, with those descriptors, /dev/null for the others below 3, and nothing else that the
/// caller has open. It belongs to a process group of its own, so that a Ctrl-C meant for the
/// service does not reach it, and takes signals as a new program expects them. Does not wait for
/// it. unavailable.
result<::pid_t> spawn_program(const program_start& start);

}  // namespace stayler::adapters
