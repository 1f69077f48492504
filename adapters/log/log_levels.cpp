// SPDX-License-Identifier: MIT
#include "adapters/log/log_levels.hpp"

#include "messages/base/text.hpp"

#include <algorithm>
#include <bitset>
#include <span>
#include <string>

namespace stayler::adapters {

namespace {

constexpr std::array<std::string_view, subsystem_count> subsystem_names{
    "service", "supervisor", "queue",  "worker", "gemini", "notifier",
    "http",    "store",      "images", "audit",  "nodes"};

constexpr std::array<std::string_view, 7> level_names{"trace", "debug",    "info", "warning",
                                                      "error", "critical", "off"};

/// Where the name stands among the names, or nothing.
std::optional<std::size_t> index_of(
    std::string_view name, std::span<const std::string_view> names
) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - names.begin());
}

std::optional<log_level> parse_level(std::string_view name) {
  const auto index = index_of(name == "warn" ? "warning" : name, level_names);
  return index ? std::optional{static_cast<log_level>(*index)} : std::nullopt;
}

std::string list_of(std::span<const std::string_view> names) {
  std::string list;
  for (const std::string_view name : names) {
    list.append(list.empty() ? "" : ", ").append(name);
  }
  return list;
}

}  // namespace

std::string_view to_string(subsystem who) noexcept {
  return subsystem_names[static_cast<std::size_t>(who)];
}

std::string_view to_string(log_level level) noexcept {
  return level_names[static_cast<std::size_t>(level)];
}

std::optional<log_levels> parse_log_levels(std::string_view text) {
  if (text.ends_with(',')) {
    return std::nullopt;
  }
  const auto for_all = parse_level(take_until(text, ","));
  if (!for_all) {
    return std::nullopt;
  }
  log_levels levels;
  levels.fill(*for_all);
  std::bitset<subsystem_count> given;
  while (!text.empty()) {
    const std::string_view part = take_until(text, ",");
    const std::size_t equals = std::min(part.find('='), part.size());
    const auto who = index_of(part.substr(0, equals), subsystem_names);
    const auto level = parse_level(part.substr(std::min(equals + 1, part.size())));
    if (!who || !level || given.test(*who)) {
      return std::nullopt;
    }
    given.set(*who);
    levels[*who] = *level;
  }
  return levels;
}

std::string_view allowed_log_levels() {
  static const std::string text =
      "a level, or a level and exceptions (info,gemini=debug); levels: " + list_of(level_names)
      + "; subsystems: " + list_of(subsystem_names);
  return text;
}

}  // namespace stayler::adapters
