// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace stayler {

using std::chrono::milliseconds;

/// The duration that a text such as "500ms", "30s", "5m", "1h", "1.5s" or "1h30m" names. A plain
/// number is not a duration. Errors: invalid_input with a message that says what is allowed.
result<milliseconds> parse_duration(std::string_view text);

/// The shortest exact text that parse_duration reads back: "500ms", "90s", "5m", "1h".
std::string format_duration(milliseconds d);

}  // namespace stayler
