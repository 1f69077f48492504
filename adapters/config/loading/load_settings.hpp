// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/service/settings.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace stayler::adapters {

/// What the command line asks for.
struct command_line {
  enum class action : std::uint8_t {
    run,
    show_help,
    show_version,
    check_config,
    rekey,
    rekey_and_check,
    verify_audit,
    back_up,
    restore,
  };
  action what = action::run;
  std::string folder = {};  ///< to back up to, or to restore from
  settings effective;
  std::vector<field_problem> problems;  ///< not empty: say them, one line each, and exit 2
  /// What was set and has no effect, each by its name: for the log.
  std::vector<field_problem> ignored = {};
};

/// Reads an environment variable; nothing where it is not set.
using environment = std::function<std::optional<std::string>(const std::string&)>;

/// Puts the settings together: defaults, then the --config file, then the environment, then flags
/// (--worker-max-workers=5 or --worker-max-workers 5). A name that is no option's is a problem in
/// the file and among the flags; in the environment, whose names `names` lists, where it is
/// misspelt (see is_misspelt). What looks like an option's and is let be is among those ignored,
/// and so is what Kubernetes has set in an option's name (see is_service_link). A secret is read
/// from the variable, or from the file that VARIABLE_FILE names, but not from a flag: other users
/// can read a command line. An empty secret is none. No problem quotes a secret.
command_line load_settings(
    std::span<const std::string> arguments,
    const environment& env,
    std::span<const std::string> names
);

}  // namespace stayler::adapters
