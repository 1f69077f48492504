// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// Which number of a JSON text cannot be held in 64 bits, and in which member it stands: for the
/// message about a text that the parser has refused for one of its numbers. Nothing where there is
/// none such.
std::optional<std::string> find_unreadable_number(std::string_view text);

}  // namespace stayler::adapters
