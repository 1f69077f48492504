// SPDX-License-Identifier: MIT
#include "messages/base/text.hpp"

namespace stayler {

std::string to_lower(std::string_view text) {
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(), [](char c) { return to_lower(c); });
  return lower;
}

std::string to_upper(std::string_view text) {
  std::string upper{text};
  std::ranges::transform(upper, upper.begin(), [](char c) { return to_upper(c); });
  return upper;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    append_hex(text, byte);
  }
  return text;
}

bool parse_hex(std::string_view text, std::span<std::uint8_t> into) noexcept {
  if (text.size() != 2 * into.size()) {
    return false;
  }
  for (std::size_t i = 0; i < into.size(); ++i) {
    const auto high = parse_hex_digit(text[2 * i]);
    const auto low = parse_hex_digit(text[2 * i + 1]);
    if (!high || !low) {
      return false;
    }
    into[i] = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  return true;
}

}  // namespace stayler
