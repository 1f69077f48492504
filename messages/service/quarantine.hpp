// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace stayler {

/// What the names of quarantines end with: child processes of a coordinator, each of which joins it
/// as a node and works on one suspect (messages/jobs/suspect.hpp). No other node has such a name.
inline constexpr std::string_view quarantine_suffix = ".quarantine.stayler";

/// Whether a node of that name is a quarantine.
constexpr bool is_quarantine(std::string_view node) noexcept {
  return node.ends_with(quarantine_suffix);
}

}  // namespace stayler
