// SPDX-License-Identifier: MIT
#pragma once

// The option table: every configuration variable with its names, range and meaning, in one place.
// --help, --check-config, GET and PUT /worker/config, the example file, the table in the
// documentation and the log's list of secrets are all made from it.

#include "adapters/config/option.hpp"

#include <span>
#include <string_view>

namespace stayler::adapters {

/// Options of one subject, in the order in which they are shown.
struct option_group {
  std::string_view title;
  std::span<const option> options;
};

/// All groups, in the order in which they are shown.
std::span<const option_group> option_groups();

/// All options, group by group. They stay where they are.
std::span<const option> all_options();

/// Looks an option up by its variable or by its JSON name; null where there is none.
const option* find_option_by_variable(std::string_view variable);
const option* find_option_by_json_name(std::string_view json_name);

}  // namespace stayler::adapters
