// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// The candidate that takes the fewest insertions, deletions and replacements to become `name`;
/// the first of several. Empty where there are no candidates.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

}  // namespace stayler::adapters
