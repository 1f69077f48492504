// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/table/command_spec.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::cli {

/// What the user has typed, taken apart by the command table.
struct parsed_line {
  const command_spec* command = nullptr;  ///< null: no command was named
  std::map<std::string, std::vector<std::string>, std::less<>> flags;  ///< by name; switches: ""
  std::vector<std::string> arguments;
  bool wants_help = false;
  bool wants_version = false;

  [[nodiscard]] bool has(std::string_view flag) const { return flags.find(flag) != flags.end(); }

  /// The value of a flag, the last one where it was repeated.
  [[nodiscard]] std::optional<std::string> value(std::string_view flag) const;

  /// All values of a flag.
  [[nodiscard]] std::vector<std::string> values(std::string_view flag) const;
};

/// Takes a command line (without the program's name) apart. Throws command_error with exit code 2,
/// which names what is wrong and the help that tells more. Flags stand where they like. A leading
/// word "job" may be left out, and a plural stands for its singular.
parsed_line parse_command_line(std::span<const std::string> words);

}  // namespace stayler::cli
