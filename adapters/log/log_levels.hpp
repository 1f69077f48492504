// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace stayler::adapters {

/// Who writes a line of the log; each has a level of its own.
enum class subsystem : std::uint8_t {
  service,
  supervisor,
  queue,
  worker,
  gemini,
  notifier,
  http,
  store,
  images,
  audit,
  nodes,
};

inline constexpr std::size_t subsystem_count = 11;

/// How severe a line is. As the level of a subsystem: the least severe lines that it writes; off,
/// which no line has: none.
enum class log_level : std::uint8_t { trace, debug, info, warning, error, critical, off };

/// The name as it stands in WORKER_LOG_LEVEL and in the lines.
std::string_view to_string(subsystem who) noexcept;
std::string_view to_string(log_level level) noexcept;

/// The level of each subsystem, in the order of the enumeration.
using log_levels = std::array<log_level, subsystem_count>;

/// Reads WORKER_LOG_LEVEL: a level for all, then exceptions, as in "info,gemini=debug,queue=off".
/// "warn" is taken for "warning". Nothing where a name is unknown or a subsystem stands there
/// twice.
std::optional<log_levels> parse_log_levels(std::string_view text);

/// What parse_log_levels() takes, with all names: for people.
std::string_view allowed_log_levels();

}  // namespace stayler::adapters
