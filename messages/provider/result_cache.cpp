// SPDX-License-Identifier: MIT
#include "messages/provider/result_cache.hpp"

namespace stayler {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

}  // namespace

std::string to_string(const content_hash& hash) {
  std::string text;
  text.reserve(2 * hash.bytes.size());
  for (const auto byte : hash.bytes) {
    text += hex_digits[byte >> 4U];
    text += hex_digits[byte & 0xFU];
  }
  return text;
}

std::optional<content_hash> parse_content_hash(std::string_view text) noexcept {
  content_hash hash;
  if (text.size() != 2 * hash.bytes.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < hash.bytes.size(); ++i) {
    const auto high = hex_digits.find(text[2 * i]);
    const auto low = hex_digits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return std::nullopt;
    }
    hash.bytes[i] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return hash;
}

}  // namespace stayler
