// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

namespace stayler::cli {

/// A character of a text in UTF-8, and how many bytes it has there. Of bytes that are no UTF-8 each
/// is U+FFFD.
struct character {
  char32_t point = 0xFFFD;
  std::size_t size = 1;
};

/// The one at the front of a text that is not empty.
character first_character(std::string_view text) noexcept;

/// True of characters that have a terminal do something else than show them, or show others
/// elsewhere: controls (C0, DEL, C1), marks that turn the direction of writing, and bytes that are
/// no UTF-8.
bool steers_terminals(char32_t point) noexcept;

/// How many columns a character takes.
std::size_t width_of(char32_t point) noexcept;

}  // namespace stayler::cli
