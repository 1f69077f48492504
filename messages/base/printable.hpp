// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

namespace stayler {

/// Whether the UTF-8 text is one line of 1 to `max_characters` printable characters. What would
/// change the look of a line that shows it is not printable: a blank at either end, control
/// characters, line separators, marks of writing direction.
bool is_printable_line(std::string_view text, std::size_t max_characters) noexcept;

}  // namespace stayler
