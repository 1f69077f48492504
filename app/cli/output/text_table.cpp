// SPDX-License-Identifier: MIT
#include "app/cli/output/text_table.hpp"

#include "app/cli/output/character.hpp"
#include "messages/base/text.hpp"

#include <algorithm>

namespace stayler::cli {

namespace {

std::string padded(std::string text, std::size_t width) {
  const auto size = display_width(text);
  if (size < width) {
    text.append(width - size, ' ');
  }
  return text;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto next = first_character(text);
    width += width_of(next.point);
    text.remove_prefix(next.size);
  }
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t width, bool has_unicode) {
  if (display_width(text) <= width) {
    return std::string{text};
  }
  std::string cut;
  std::size_t taken = 0;
  while (!text.empty()) {
    const auto next = first_character(text);
    taken += width_of(next.point);
    if (taken + 1 > width) {
      break;
    }
    cut += text.substr(0, next.size);
    text.remove_prefix(next.size);
  }
  return width == 0 ? std::string{} : cut + (has_unicode ? "…" : "~");
}

std::string text_table::render(const console& out) const {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < headers_.size(); ++column) {
    std::size_t width = headers_[column].size();
    for (const auto& row : rows_) {
      width = std::max(width, display_width(safe_text(row.at(column).text)));
    }
    widths.push_back(width);
  }
  const auto line_of = [&](const auto& text_at, const auto& shade_at) {
    std::string line;
    std::size_t used = 0;
    for (std::size_t column = 0; column < headers_.size(); ++column) {
      const bool is_last = column + 1 == headers_.size();
      auto text = safe_text(text_at(column));
      if (out.width() > 0) {
        if (used >= out.width()) {
          break;  // a line that goes on in the next one is no table any more
        }
        text = cut_to_width(text, out.width() - used, out.options().has_unicode);
      }
      const bool is_cut = out.width() > 0 && used + widths[column] + 2 >= out.width();
      line += out.paint(shade_at(column), is_last || is_cut ? text : padded(text, widths[column]));
      line += is_last || is_cut ? "" : "  ";
      used += widths[column] + 2;
    }
    const auto end = line.find_last_not_of(' ');
    return line.substr(0, end == std::string::npos ? 0 : end + 1) + "\n";
  };
  std::string text = line_of(
      [&](std::size_t column) { return to_upper(headers_[column]); },
      [](std::size_t) { return colour::bold; }
  );
  for (const auto& row : rows_) {
    text += line_of(
        [&](std::size_t column) { return row[column].text; },
        [&](std::size_t column) { return row[column].shade; }
    );
  }
  text.pop_back();
  return text;
}

std::string render_facts(
    const console& out, const std::vector<std::pair<std::string, std::string>>& facts
) {
  std::size_t width = 0;
  for (const auto& [name, value] : facts) {
    width = value.empty() ? width : std::max(width, name.size());
  }
  std::string text;
  for (const auto& [name, value] : facts) {
    if (!value.empty()) {
      text += out.paint(colour::dim, padded(name, width)) + "  " + safe_text(value) + "\n";
    }
  }
  if (!text.empty()) {
    text.pop_back();
  }
  return text;
}

}  // namespace stayler::cli
