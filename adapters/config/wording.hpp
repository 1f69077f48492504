// SPDX-License-Identifier: MIT
#pragma once

// What messages about options are made of.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// The value in quotes, cut to a readable length, control characters as "?"; what may be
/// credentials or a key, before an @ or in the query of an address, as "***".
std::string in_quotes(std::string_view value);

/// "a, b or c": the words with commas, and `last` before the last one.
std::string listed(std::span<const std::string_view> words, std::string_view last);

/// The fewest characters to insert, delete, replace or swap with their neighbour that make one text
/// of the other.
std::size_t edit_distance(std::string_view from, std::string_view to);

/// The candidate with the least edit distance; the first of several. Empty where there are none.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

}  // namespace stayler::adapters
