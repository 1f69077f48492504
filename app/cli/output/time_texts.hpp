// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace stayler::cli {

enum class time_style : std::uint8_t { relative, local, utc };

/// A time of the API (RFC 3339) as people read it: "3m ago", "in 2h", "2026-11-30 10:00:00" in the
/// local time zone, or as it is. "-" where the text is empty.
std::string show_time(std::string_view time, time_style style, timestamp now);

/// "850 ms", "4.8 s", "3m 20s", "2h 5m", "3d 4h".
std::string show_duration(milliseconds time);

/// The time between two times of the API; empty where one is missing.
std::string show_span(std::string_view from, std::string_view to);

/// What `since:` and `before:` take, as RFC 3339: "1h" or "2d" (so long ago), "2026-11-28" (that
/// day's beginning, UTC), or RFC 3339. Empty where it is none of these.
std::string read_time(std::string_view text, timestamp now);

/// "204 B", "199.7 KiB", "3.2 MiB".
std::string show_bytes(double bytes);

/// "$0.039".
std::string show_dollars(double dollars);

}  // namespace stayler::cli
