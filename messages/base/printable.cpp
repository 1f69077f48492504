// SPDX-License-Identifier: MIT
#include "messages/base/printable.hpp"

#include <boost/locale/utf.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace stayler {

namespace {

using utf8 = boost::locale::utf::utf_traits<char>;

struct code_range {
  std::uint32_t first;
  std::uint32_t last;
};

/// Control characters, what is seen at the end of a line alone, separators of lines, marks of
/// direction, the mark of byte order, and what is no character at all. The joiners U+200C and
/// U+200D are parts of words, and not among them.
constexpr std::array<code_range, 12> unfit{{
    {0x0, 0x1F},
    {0x7F, 0x9F},
    {0xAD, 0xAD},
    {0x61C, 0x61C},
    {0x200B, 0x200B},
    {0x200E, 0x200F},
    {0x2028, 0x202E},
    {0x2060, 0x206F},
    {0xFDD0, 0xFDEF},
    {0xFEFF, 0xFEFF},
    {0xFFF9, 0xFFFB},
    {0xE0000, 0xE0FFF},
}};

bool is_blank(std::uint32_t code) noexcept {
  return code == 0x20 || code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200D)
         || code == 0x202F || code == 0x205F || code == 0x3000 || code == 0x3164;
}

bool is_printable(std::uint32_t code) noexcept {
  const bool is_no_character = (code & 0xFFFEU) == 0xFFFEU;
  return !is_no_character && std::ranges::none_of(unfit, [code](const code_range& range) {
    return code >= range.first && code <= range.last;
  });
}

}  // namespace

bool is_printable_line(std::string_view text, std::size_t max_characters) noexcept {
  std::size_t characters = 0;
  bool ends_blank = true;
  for (const char *at = text.data(), *end = at + text.size(); at != end;) {
    const auto code = utf8::decode(at, end);
    const bool is_code = code != boost::locale::utf::illegal
                         && code != boost::locale::utf::incomplete && is_printable(code);
    if (!is_code || ++characters > max_characters) {
      return false;
    }
    ends_blank = is_blank(code);
    if (ends_blank && characters == 1) {
      return false;
    }
  }
  return !ends_blank;
}

}  // namespace stayler
