// SPDX-License-Identifier: MIT
#include "app/cli/output/character.hpp"

#include <algorithm>

namespace stayler::cli {

namespace {

constexpr character broken_character{};

/// The bytes that a first byte announces; 0 where it begins no character.
std::size_t announced_size(unsigned char first) noexcept {
  if (first < 0x80) {
    return 1;
  }
  if (first < 0xC2) {
    return 0;
  }
  return first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
}

bool is_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Whether the point needs so many bytes, and is none of UTF-16's halves.
bool is_well_formed(char32_t point, std::size_t size) noexcept {
  const bool is_shortest = size == 1 || (size == 2 && point >= 0x80)
                           || (size == 3 && point >= 0x800) || (size == 4 && point >= 0x10000);
  return is_shortest && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
}

}  // namespace

character first_character(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text.front());
  const auto size = announced_size(first);
  if (size == 0 || size > text.size()
      || !std::ranges::all_of(text.substr(1, size - 1), is_continuation)) {
    return broken_character;
  }
  char32_t point = size == 1 ? first : first & (0xFFU >> (size + 1));
  for (const char c : text.substr(1, size - 1)) {
    point = (point << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
  }
  return is_well_formed(point, size) ? character{point, size} : broken_character;
}

bool steers_terminals(char32_t point) noexcept {
  const bool is_control = point < 0x20 || (point >= 0x7F && point < 0xA0);
  const bool turns_writing = (point >= 0x200E && point <= 0x200F)
                             || (point >= 0x2028 && point <= 0x202E)
                             || (point >= 0x2066 && point <= 0x2069);
  return is_control || turns_writing || point == broken_character.point;
}

std::size_t width_of(char32_t point) noexcept {
  // The scripts of East Asia and pictures take two columns: near enough, and the same in every
  // locale.
  const bool is_wide = (point >= 0x1100 && point <= 0x115F) || (point >= 0x2E80 && point <= 0xD7A3)
                       || (point >= 0xF900 && point <= 0xFAFF)
                       || (point >= 0xFF00 && point <= 0xFF60)
                       || (point >= 0x1F300 && point <= 0x1FAFF);
  const bool is_combining = (point >= 0x300 && point <= 0x36F) || point == 0x200B || point == 0x200D
                            || (point >= 0xFE00 && point <= 0xFE0F);
  return is_combining ? 0 : is_wide ? 2 : 1;
}

}  // namespace stayler::cli
