// SPDX-License-Identifier: MIT
#include "app/cli/output/time_texts.hpp"

#include "messages/base/duration.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <ctime>

namespace stayler::cli {

namespace {

using std::chrono::duration_cast;
using std::chrono::hours;
using std::chrono::seconds;

std::string show_age(milliseconds age) {
  const auto s = duration_cast<seconds>(age).count();
  if (s < 120) {
    return fmt::format("{}s", s);
  }
  if (s < 7'200) {
    return fmt::format("{}m", s / 60);
  }
  return s < 172'800 ? fmt::format("{}h", s / 3600) : fmt::format("{}d", s / 86'400);
}

}  // namespace

std::string show_time(std::string_view time, time_style style, timestamp now) {
  const auto parsed = parse_rfc3339(time);
  if (!parsed) {
    return time.empty() ? "-" : std::string{time};
  }
  if (style == time_style::utc) {
    return std::string{time};
  }
  if (style == time_style::relative) {
    return *parsed <= now ? show_age(now - *parsed) + " ago" : "in " + show_age(*parsed - now);
  }
  const std::time_t seconds_since = std::chrono::system_clock::to_time_t(*parsed);
  std::tm parts{};
  ::localtime_r(&seconds_since, &parts);
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  return {text.data(), size};
}

std::string show_duration(milliseconds time) {
  const auto ms = time.count();
  if (ms < 1000) {
    return fmt::format("{} ms", ms);
  }
  const auto s = ms / 1000;
  if (s < 60) {
    return fmt::format("{}.{} s", s, ms % 1000 / 100);
  }
  if (s < 3600) {
    return fmt::format("{}m {}s", s / 60, s % 60);
  }
  if (s < 86'400) {
    return fmt::format("{}h {}m", s / 3600, s % 3600 / 60);
  }
  return fmt::format("{}d {}h", s / 86'400, s % 86'400 / 3600);
}

std::string show_span(std::string_view from, std::string_view to) {
  const auto begin = parse_rfc3339(from);
  const auto end = parse_rfc3339(to);
  return begin && end ? show_duration(*end - *begin) : std::string{};
}

std::string read_time(std::string_view text, timestamp now) {
  if (text.ends_with('d')) {
    const auto days = parse_number<unsigned>(text.substr(0, text.size() - 1));
    return days ? to_rfc3339(now - hours{24} * *days) : std::string{};
  }
  if (const auto age = parse_duration(text)) {
    return to_rfc3339(now - *age);
  }
  const auto time =
      parse_rfc3339(text.size() == 10 ? fmt::format("{}T00:00:00Z", text) : std::string{text});
  return time ? to_rfc3339(*time) : std::string{};
}

std::string show_bytes(double bytes) {
  if (bytes < 1024) {
    return fmt::format("{:.0f} B", bytes);
  }
  return bytes < 1024 * 1024 ? fmt::format("{:.1f} KiB", bytes / 1024)
                             : fmt::format("{:.1f} MiB", bytes / (1024 * 1024));
}

std::string show_dollars(double dollars) {
  // A picture costs some cents: whole cents say too little.
  return dollars >= 10 ? fmt::format("${:.2f}", dollars) : fmt::format("${:.3f}", dollars);
}

}  // namespace stayler::cli
