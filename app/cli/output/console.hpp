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
  bool has_unicode = true;    ///< the terminal shows more than ASCII
  bool asks_nothing = false;  ///< --no-input, --json, or no terminal to ask at
  bool says_yes = false;      ///< --yes
  time_style times = time_style::relative;
};

/// True where the environment says that the terminal shows UTF-8.
bool shows_unicode(const std::string& lc_all, const std::string& lc_ctype, const std::string& lang);

/// Thrown where whoever reads a pipe has had enough (`| head`): no error, and nothing to say.
struct reader_left {};

/// stdout, which has data alone, and stderr, which has all that is for people only.
class console {
 public:
  explicit console(output_options options);

  [[nodiscard]] const output_options& options() const noexcept { return options_; }
  [[nodiscard]] bool is_json() const noexcept { return options_.is_json; }

  /// Data, with a line end; on a terminal nothing that steers it. Throws command_error (refused)
  /// where stdout takes nothing more, or reader_left.
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
  /// Whether stdout is a pipe that nobody reads any more.
  [[nodiscard]] bool has_lost_reader() const noexcept;
  /// Columns of stdout's terminal; 0 where it is none: as wide as needed.
  [[nodiscard]] std::size_t width() const noexcept;
  /// The same of stderr's.
  [[nodiscard]] std::size_t error_width() const noexcept;

  /// Asks for a line on the terminal. Call it only unless `asks_nothing`.
  [[nodiscard]] std::string ask(std::string_view question) const;
  /// The same of what nobody is to see: nothing that is typed is shown.
  [[nodiscard]] std::string ask_unseen(std::string_view question) const;

 private:
  output_options options_;
  bool out_is_terminal_ = false;
  bool error_is_terminal_ = false;
};

/// The text of others with "?" in place of what may steer a terminal (`steers_terminals`).
std::string safe_text(std::string_view text);

/// The same of a whole output, which may have lines, tabs and our own colours: what has come into
/// it unseen does no harm either. Without `has_unicode` it is ASCII: a terminal of one byte a
/// character takes the second bytes of UTF-8 for orders.
std::string terminal_text(std::string_view text, bool has_unicode);

}  // namespace stayler::cli
