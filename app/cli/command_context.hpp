// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/client/api_client.hpp"
#include "app/cli/command_error.hpp"
#include "app/cli/output/console.hpp"
#include "app/cli/profile/profile.hpp"
#include "app/cli/table/parse_command_line.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace stayler::cli {

/// A flag's number within these bounds, or the usual one. Throws command_error (usage).
long number_of_flag(
    const parsed_line& given, std::string_view flag, long usual, long least, long most
);

/// What a command has to work with.
class command_context {
 public:
  command_context(const parsed_line& line, const console& output, const variables& environment);

  const parsed_line& given;
  const console& out;

  /// The service. The first call finds out where it is and with which key.
  api_client& api();

  [[nodiscard]] const profile& chosen() const noexcept { return chosen_; }
  [[nodiscard]] const variables& environment() const noexcept { return environment_; }
  [[nodiscard]] static timestamp now();

  /// A time of the API in the wanted style.
  [[nodiscard]] std::string time(std::string_view text) const;

  /// A flag's number within these bounds, or the usual one. Throws command_error (usage).
  [[nodiscard]] long number(std::string_view flag, long usual, long least, long most) const;

  /// A flag's duration; `usual` where it is not given. Throws command_error (usage).
  [[nodiscard]] milliseconds duration(std::string_view flag, milliseconds usual) const;

  /// Prints an answer of the API as --json wants it: as it came, or only some fields, of each
  /// element of its member `list` where it has one.
  void print_json(const std::string& body, std::string_view list = {}) const;

  /// True where the user agrees. Without a terminal, and with --json, nothing is asked: it throws
  /// command_error (usage), which names --yes.
  [[nodiscard]] bool confirm(const std::string& question) const;

  /// The same, but wants to be answered with that text: for what cannot be undone.
  [[nodiscard]] bool confirm_by(const std::string& question, const std::string& text) const;

 private:
  const variables& environment_;
  profile chosen_;
  std::unique_ptr<api_client> api_;
};

}  // namespace stayler::cli
