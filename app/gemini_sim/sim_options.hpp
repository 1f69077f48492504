// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/faults/fault_plan.hpp"
#include "app/gemini_sim/pictures/composer.hpp"
#include "messages/base/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace stayler::sim {

struct sim_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8090;          ///< 0: a free one
  std::vector<std::string> api_keys;  ///< empty: any key that does not begin with "invalid"
  std::vector<std::string> models;    ///< beside the living ones
  fault_plan_options faults;
  unsigned requests_per_minute = 0;  ///< for each model; 0: no limit
  unsigned requests_per_day = 0;
  composer_options pictures;
};

/// What the command line asks for.
struct command_line {
  sim_options options;
  bool wants_help = false;
  bool wants_version = false;
};

/// Reads `--name value` and `--name=value`. Errors: invalid_input that names the flag, the value
/// and what is allowed.
result<command_line> parse_command_line(std::span<const char* const> arguments);

/// The text of --help.
std::string help_text();

}  // namespace stayler::sim
