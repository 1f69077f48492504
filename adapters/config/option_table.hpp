// SPDX-License-Identifier: MIT
#pragma once

// The option table: every configuration variable with its names, range and meaning, in one place.
// --help, --check-config, GET and PUT /worker/config, the example file, the table in the
// documentation and the log's list of secrets are all made from it.

#include "adapters/config/option.hpp"

#include <span>
#include <string_view>

namespace stayler::adapters {

/// All options in the order in which they are shown.
std::span<const option> all_options() noexcept;

/// Looks an option up by its variable or by its JSON name; null where there is none.
const option* find_option_by_variable(std::string_view variable);
const option* find_option_by_json_name(std::string_view json_name);

}  // namespace stayler::adapters
