// SPDX-License-Identifier: MIT
#include "app/cli/output/text_table.hpp"

#include "messages/base/text.hpp"

#include <algorithm>

namespace stayler::cli {

namespace {

/// The bytes of the character at the front of a UTF-8 text.
std::size_t character_size(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return std::min(size, text.size());
}

char32_t code_point(std::string_view character) {
  auto value = static_cast<char32_t>(static_cast<unsigned char>(character.front()));
  if (character.size() > 1) {
    value &= 0xFFU >> (character.size() + 1);
  }
  for (const char c : character.substr(1)) {
    value = (value << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
  }
  return value;
}

/// The scripts of East Asia and pictures take two columns: near enough, and the same in every
/// locale.
std::size_t character_width(std::string_view character) {
  const char32_t point = code_point(character);
  const bool is_wide = (point >= 0x1100 && point <= 0x115F) || (point >= 0x2E80 && point <= 0xD7A3)
                       || (point >= 0xF900 && point <= 0xFAFF)
                       || (point >= 0xFF00 && point <= 0xFF60)
                       || (point >= 0x1F300 && point <= 0x1FAFF);
  return is_wide ? 2 : 1;
}

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
    const auto size = character_size(text);
    width += character_width(text.substr(0, size));
    text.remove_prefix(size);
  }
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) {
    return std::string{text};
  }
  std::string cut;
  std::size_t taken = 0;
  while (!text.empty()) {
    const auto size = character_size(text);
    taken += character_width(text.substr(0, size));
    if (taken + 1 > width) {
      break;
    }
    cut += text.substr(0, size);
    text.remove_prefix(size);
  }
  return width == 0 ? std::string{} : cut + "…";
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
      if (is_last && out.width() > 0) {
        text = cut_to_width(text, out.width() > used ? out.width() - used : 0);
      }
      line += out.paint(shade_at(column), is_last ? text : padded(text, widths[column]));
      line += is_last ? "" : "  ";
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
