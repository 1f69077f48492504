// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/output/time_texts.hpp"

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::cli {

enum class colour : std::uint8_t { plain, bold, dim, red, green, yellow, blue };

/// How output is wanted: flags, and what the environment says.
struct output_options {
  bool is_json = false;
  std::vector<std::string> json_fields;
  bool is_quiet = false;
  bool is_verbose = false;
  bool has_colour = false;    ///< on stdout
  bool asks_nothing = false;  ///< --no-input, --json, or no terminal to ask at
  bool says_yes = false;      ///< --yes
  time_style times = time_style::relative;
};

/// Thrown where whoever reads a pipe has had enough (`| head`): no error, and nothing to say.
struct reader_left {};

/// stdout, which has data alone, and stderr, which has all that is for people only.
class console {
 public:
  explicit console(output_options options);

  [[nodiscard]] const output_options& options() const noexcept { return options_; }
  [[nodiscard]] bool is_json() const noexcept { return options_.is_json; }

  /// Data, with a line end. Throws command_error (refused) where stdout takes nothing more, or
  /// reader_left.
  void print(std::string_view text) const;
  /// Data as it is.
  void print_bytes(std::string_view bytes) const;
  /// A line on stderr, unless --quiet.
  void note(std::string_view text) const;
  /// A line on stderr in any case.
  void complain(std::string_view text) const;

  /// The text in that colour, where there are colours.
  [[nodiscard]] std::string paint(colour which, std::string_view text) const;

  [[nodiscard]] bool is_terminal() const noexcept { return out_is_terminal_; }
  [[nodiscard]] bool has_error_terminal() const noexcept { return error_is_terminal_; }
  /// Columns of stdout's terminal; 0 where it is none: as wide as needed.
  [[nodiscard]] std::size_t width() const noexcept;

  /// Asks for a line on the terminal. Call it only unless `asks_nothing`.
  [[nodiscard]] std::string ask(std::string_view question) const;

 private:
  output_options options_;
  bool out_is_terminal_ = false;
  bool error_is_terminal_ = false;
};

/// The text with its control characters as "?": what comes from others must not steer a terminal.
std::string safe_text(std::string_view text);

}  // namespace stayler::cli
