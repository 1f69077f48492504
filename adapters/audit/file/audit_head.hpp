// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/audit/file/audit_line.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

namespace stayler::adapters {

/// What a trail's file has at least, signed: without it nobody would miss records that were cut off
/// at an end.
struct audit_head {
  audit_link start;  ///< what the oldest record that is kept goes on from
  audit_link last;   ///< the newest record when this was signed; later ones may have come

  friend bool operator==(const audit_head&, const audit_head&) = default;
};

/// not_found; invalid_input where it is not as write_head() has left it, or another key signed it.
result<audit_head> read_head(const std::filesystem::path& file, std::string_view key);

/// Replaces the file as a whole, durably. unavailable.
void_result write_head(
    const std::filesystem::path& file, const audit_head& head, std::string_view key
);

}  // namespace stayler::adapters
