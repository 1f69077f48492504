// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

// The command table's rows. Parsing, --help, completions, the man page and docs/cli.md are made
// from them, so that none can say something else than the others.

namespace stayler::cli {

class command_context;

/// What a shell offers for a value.
enum class completion : std::uint8_t { nothing, file, job_filter, choices };

struct flag_spec {
  std::string_view names;  ///< as in help: "-o, --output"; the last one is its name in code
  std::string_view value;  ///< "FILE"; empty for a switch
  std::string_view meaning;
  std::vector<std::string_view> choices = {};  ///< all values that are taken; empty: any
  completion completes = completion::nothing;
  bool may_repeat = false;
  bool value_is_optional = false;  ///< --json or --json=FIELDS, never --json FIELDS

  /// The name in code: "output".
  [[nodiscard]] std::string_view name() const noexcept {
    const auto begin = names.rfind("--");
    return names.substr(begin + 2);
  }
};

struct argument_spec {
  std::string_view name;  ///< "FILTER"
  std::string_view meaning;
  bool is_required = false;
  bool may_repeat = false;
  completion completes = completion::nothing;
  std::vector<std::string_view> choices = {};
};

struct command_spec {
  std::string_view name;  ///< "dead retry"
  std::string_view summary;
  std::string_view description = {};  ///< further sentences
  std::string_view role = {};         ///< the least role that it takes; empty: none
  std::vector<argument_spec> arguments = {};
  std::vector<flag_spec> flags = {};
  std::vector<std::string_view> examples = {};
  int (*run)(command_context&) = nullptr;  ///< returns the exit code
};

}  // namespace stayler::cli
