// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/output/console.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::cli {

/// How many columns a text takes on a terminal: its characters, wide ones twice.
std::size_t display_width(std::string_view text);

/// The text cut to that many columns, with "…" (in ASCII "~") where something is missing.
std::string cut_to_width(std::string_view text, std::size_t width, bool has_unicode = true);

/// A table for people: aligned columns, two blanks apart, a header in capitals.
class text_table {
 public:
  struct cell {
    std::string text;
    colour shade = colour::plain;
  };

  explicit text_table(std::vector<std::string> headers) : headers_(std::move(headers)) {}

  void add(std::vector<cell> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool is_empty() const noexcept { return rows_.empty(); }

  /// The lines. On a terminal they are cut to its width.
  [[nodiscard]] std::string render(const console& out) const;

 private:
  std::vector<std::string> headers_;
  std::vector<std::vector<cell>> rows_;
};

/// "name   value" lines, aligned. Rows without a value are left out.
std::string render_facts(
    const console& out, const std::vector<std::pair<std::string, std::string>>& facts
);

}  // namespace stayler::cli
