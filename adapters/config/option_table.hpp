// SPDX-License-Identifier: MIT
#pragma once

// The option table: every configuration variable with its names, default, range and meaning, in
// one place. --help, --check-config, GET and PUT /worker/config, the example file and the README's
// table are all made from it.

#include "messages/base/error.hpp"
#include "messages/service/settings.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

struct option {
  std::string_view variable;   ///< environment variable and file name: "WORKER_MAX_WORKERS"
  std::string_view json_name;  ///< "maxWorkers", "retry.maxDelay"
  std::string_view allowed;    ///< for humans: "1 to 10000", "500ms to 24h"
  std::string_view meaning;    ///< one sentence
  bool is_secret = false;  ///< shown as "***" (or "" where empty), also readable from VARIABLE_FILE
  bool is_live = false;    ///< may be changed while the service runs
  /// How the value stands in JSON: a number, true/false, or a quoted text.
  enum class json_kind : std::uint8_t { text, number, boolean } kind = json_kind::text;
  /// Reads the text into the settings, or returns what is wrong, without the variable's name.
  std::function<std::string(settings&, std::string_view)> parse;
  /// The value as text that `parse` reads back; the secret itself for secrets.
  std::function<std::string(const settings&)> print;
};

/// All options in the order in which they are shown.
std::span<const option> all_options();

/// Looks an option up by its variable or by its JSON name; null where there is none.
const option* find_option_by_variable(std::string_view variable);
const option* find_option_by_json_name(std::string_view json_name);

/// The value as it may be shown: secrets as "***", or "" where empty.
std::string shown_value(const option& which, const settings& from);

/// Applies all changes, or none. Refused: unknown names, options that are not live, bad values and
/// what validate() finds. What GET shows may be sent back as it is: "***" leaves a secret alone,
/// and an option that is not live may be given the value that it has.
settings_update apply_changes(const settings& current, std::span<const settings_change> changes);

/// What does not fit together in otherwise valid settings; the fields are JSON names.
std::vector<field_problem> validate(const settings& candidate);

}  // namespace stayler::adapters
