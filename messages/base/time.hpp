// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace stayler {

using std::chrono::milliseconds;

/// A point of wall-clock time in whole milliseconds, the resolution of the HTTP API and of all
/// stores. The epoch itself stands for "not set".
using timestamp = std::chrono::time_point<std::chrono::system_clock, milliseconds>;

/// False for the epoch, which stands for "not set".
constexpr bool is_set(timestamp t) noexcept {
  return t.time_since_epoch().count() != 0;
}

/// That time cut to whole milliseconds.
constexpr timestamp to_timestamp(std::chrono::system_clock::time_point t) noexcept {
  return std::chrono::time_point_cast<milliseconds>(t);
}

/// RFC 3339 in UTC with milliseconds: "2026-11-24T09:30:00.125Z".
std::string to_rfc3339(timestamp t);

/// The time that an RFC 3339 text names, any offset; nothing where the text is not one.
std::optional<timestamp> parse_rfc3339(std::string_view text);

}  // namespace stayler
