// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/config/kinds/option_kinds.hpp"
#include "messages/service/settings.hpp"

#include <array>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// What an option is called.
struct option_names {
  std::string_view variable;  ///< in the environment and in files: "WORKER_MAX_WORKERS"
  std::string_view json;      ///< in the API: "maxWorkers", "retry.maxDelay"
  /// Variables that other programs read, too, and that count where this option is not set anywhere:
  /// the first of them that is not empty.
  std::array<std::string_view, 2> standard{};
};

/// One row of the option table. An option's default is the value of its field in settings{}.
struct option {
  option_names names;
  bool is_secret = false;  ///< shown as "***" (or "" where empty), also readable from VARIABLE_FILE
  bool is_live = false;    ///< may be changed while the service runs
  /// Where the name of the file is kept that a secret was read from, for who reads it again.
  std::string settings::*file = nullptr;
  option_value value;            ///< its field and what is allowed there
  std::string_view remark = {};  ///< what else is to be said of what is allowed
  std::string_view meaning;      ///< one sentence

  /// What is allowed, for humans: "1 to 10000", "0 to 65535, 0 for any free port".
  [[nodiscard]] std::string allowed() const;

  /// The standard variables, for humans: "HTTPS_PROXY or https_proxy"; empty where there are none.
  [[nodiscard]] std::string standard_names() const;

  /// How the value stands in JSON.
  [[nodiscard]] json_kind kind() const;

  /// Reads the text into the settings, or returns what is wrong, without the variable's name.
  [[nodiscard]] std::string parse(settings& into, std::string_view text) const;

  /// The value as text that `parse` reads back; the secret itself for secrets.
  [[nodiscard]] std::string print(const settings& from) const;
};

/// What stands in place of a secret.
inline constexpr std::string_view hidden_secret = "***";

/// The value as it may be shown: secrets as "***", or "" where empty.
std::string shown_value(const option& which, const settings& from);

}  // namespace stayler::adapters
