// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_reader.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace stayler::http {

/// The value where it is a whole number that is not negative, however it is written: 5, 5.0 and 5e0
/// are the same (JSON Schema, since draft 6). Nothing where that cannot be told for certain: a
/// number with a point or an exponent is exact below 2^53 alone.
std::optional<std::uint64_t> whole_number(const adapters::json_value& from);

/// For messages: a number as it is, of anything else its type.
std::string shown_number(const adapters::json_value& found);

}  // namespace stayler::http
