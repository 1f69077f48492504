// SPDX-License-Identifier: MIT
#include "adapters/config/loading/settings_file.hpp"

#include "messages/base/text.hpp"

#include <map>

namespace stayler::adapters {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view unquoted(std::string_view value) {
  const bool has_quotes = value.size() >= 2 && value.front() == value.back()
                          && (value.front() == '"' || value.front() == '\'');
  return has_quotes ? value.substr(1, value.size() - 2) : value;
}

bool is_name(std::string_view text) {
  return !text.empty() && consists_of(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}

}  // namespace

settings_file parse_settings_file(std::string_view text, const std::string& file) {
  settings_file read;
  std::map<std::string_view, std::string> places;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = trim(take_until(text, "\n"), blanks);
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const std::string place = file + ":" + std::to_string(number);
    const std::size_t equals = line.find('=');
    const std::string_view name = trim(line.substr(0, equals), blanks);
    if (equals == std::string_view::npos || !is_name(name)) {
      read.problems.push_back({place, "the line is not of the form NAME=value"});
    } else if (const auto [first, is_new] = places.emplace(name, place); !is_new) {
      read.problems.push_back({place, std::string{name} + " was set before, at " + first->second});
    } else {
      const std::string_view value = unquoted(trim(line.substr(equals + 1), blanks));
      read.assignments.push_back({std::string{name}, std::string{value}, place});
    }
  }
  return read;
}

}  // namespace stayler::adapters
