// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/printable.hpp"

#include <cstddef>
#include <string_view>

namespace stayler {

/// The most characters that a user's id may have.
inline constexpr std::size_t max_user_id_characters = 256;

/// Whether the text can be a user's id. Ids are the application's, and mean nothing here:
/// "auth0|62e0" and "ann+test@example.com" are as good as numbers. They are compared byte by byte.
inline bool is_user_id(std::string_view text) noexcept {
  return is_printable_line(text, max_user_id_characters);
}

/// What is allowed, for messages.
inline constexpr std::string_view user_id_form =
    "1 to 256 printable characters, with no blank at either end";

}  // namespace stayler
