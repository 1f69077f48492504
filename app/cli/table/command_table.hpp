// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/table/command_spec.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::cli {

/// All commands, in the order of the help text. A command of two words follows the one that is its
/// first word.
std::span<const command_spec> all_commands();

/// The flags that every command takes, before or after its name.
std::span<const flag_spec> global_flags();

/// The row of that name; null where there is none.
const command_spec* find_command(std::string_view name);

/// The rows whose name has one word more than that one: `retry` and `drop` of `dead`.
std::vector<const command_spec*> commands_below(std::string_view name);

/// "stayler dead retry [FLAGS] FILTER..."
std::string usage_line(const command_spec& command);

/// A filter word and what it selects, for help and documentation.
struct filter_word_row {
  std::string_view word;
  std::string_view meaning;
};
std::span<const filter_word_row> all_filter_words() noexcept;

}  // namespace stayler::cli
