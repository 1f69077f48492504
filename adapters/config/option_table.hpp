// SPDX-License-Identifier: MIT
#pragma once

// The option table: every configuration variable with its names, range and meaning, in one place.
// --help, --check-config, GET and PUT /worker/config, the example file, the table in the
// documentation and the log's list of secrets are all made from it. An option's default is the
// value of its field in settings{}.

#include "adapters/config/option_kinds.hpp"
#include "messages/base/error.hpp"
#include "messages/service/settings.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// What an option is called.
struct option_names {
  std::string_view variable;  ///< in the environment and in files: "WORKER_MAX_WORKERS"
  std::string_view json;      ///< in the API: "maxWorkers", "retry.maxDelay"
};

/// One row of the table.
struct option {
  option_names names;
  bool is_secret = false;  ///< shown as "***" (or "" where empty), also readable from VARIABLE_FILE
  bool is_live = false;    ///< may be changed while the service runs
  option_value value;      ///< its field and what is allowed there
  std::string_view remark = {};  ///< what else is to be said of what is allowed
  std::string_view meaning;      ///< one sentence

  /// What is allowed, for humans: "1 to 10000", "0 to 65535, 0 for any free port".
  [[nodiscard]] std::string allowed() const;

  /// How the value stands in JSON.
  [[nodiscard]] json_kind kind() const;

  /// Reads the text into the settings, or returns what is wrong, without the variable's name.
  [[nodiscard]] std::string parse(settings& into, std::string_view text) const;

  /// The value as text that `parse` reads back; the secret itself for secrets.
  [[nodiscard]] std::string print(const settings& from) const;
};

/// What stands in place of a secret.
inline constexpr std::string_view hidden_secret = "***";

/// All options in the order in which they are shown.
std::span<const option> all_options() noexcept;

/// Looks an option up by its variable or by its JSON name; null where there is none.
const option* find_option_by_variable(std::string_view variable);
const option* find_option_by_json_name(std::string_view json_name);

/// The value as it may be shown: secrets as "***", or "" where empty.
std::string shown_value(const option& which, const settings& from);

/// What must not be shown anywhere: the values of all secrets, and the parts of which they are made
/// and which may stand alone: each of several keys, the password of a URL.
std::vector<std::string> secrets_in(const settings& config);

/// Applies all changes, or none. Refused: unknown names, options that are not live, bad values and
/// what validate() finds. What GET shows may be sent back as it is: "***" leaves a secret alone,
/// and an option that is not live may be given the value that it has.
settings_update apply_changes(const settings& current, std::span<const settings_change> changes);

/// What does not fit together in otherwise valid settings; the fields are JSON names.
std::vector<field_problem> validate(const settings& candidate);

}  // namespace stayler::adapters
