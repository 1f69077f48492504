// SPDX-License-Identifier: MIT
#include "adapters/gemini/wire/provider_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace stayler::adapters {

namespace {

constexpr std::size_t max_bytes = 500;
constexpr std::size_t longest_word = 80;
constexpr std::string_view ellipsis = "...";

/// What a key or a base64 text is made of; a longer run of these than any word is neither shown.
bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+'
         || c == '/' || c == '=' || c == '_' || c == '-' || c == '.' || c == ':';
}

bool holds_key(std::string_view token) {
  constexpr std::array<std::string_view, 2> openings{"AIza", "AQ."};
  return std::any_of(
             openings.begin(), openings.end(),
             [token](std::string_view opening) {
               return token.find(opening) != std::string_view::npos;
             }
         )
         || token.starts_with("api_key:");
}

void append_token(std::string& line, std::string_view token) {
  if (holds_key(token)) {
    line += "***";
  } else if (token.size() > longest_word) {
    line += token.substr(0, longest_word / 4);
    line += ellipsis;
  } else {
    line += token;
  }
}

/// Cuts between two characters, never inside one.
void cut(std::string& line) {
  if (line.size() <= max_bytes) {
    return;
  }
  std::size_t end = max_bytes - ellipsis.size();
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  line.resize(end);
  line += ellipsis;
}

}  // namespace

std::string readable(std::string_view text) {
  std::string line;
  while (!text.empty() && line.size() <= max_bytes) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_token_character);
    const auto length = static_cast<std::size_t>(end - text.begin());
    if (length > 0) {
      append_token(line, text.substr(0, length));
      text.remove_prefix(length);
      continue;
    }
    const char c = text.front();
    const bool is_control = static_cast<unsigned char>(c) < 0x20U || c == '\x7F';
    line += is_control ? ' ' : c;
    text.remove_prefix(1);
  }
  cut(line);
  return line;
}

}  // namespace stayler::adapters
