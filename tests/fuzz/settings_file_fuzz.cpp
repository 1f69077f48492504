// SPDX-License-Identifier: MIT

// Any text is the settings of a file and what is wrong with it, line by line; settings that are
// written anew are the same.
#include "adapters/config/loading/settings_file.hpp"
#include "messages/base/text.hpp"
#include "tests/fuzz/fuzz_claims.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

using namespace stayler;
using adapters::assignment;
using fuzz::require;

namespace {

std::size_t line_of(std::string_view place, std::size_t lines) {
  require(place.starts_with("f:"));
  const auto line = parse_number<std::size_t>(place.substr(2));
  require(line && *line >= 1 && *line <= lines);
  return *line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  const auto read = adapters::parse_settings_file(text, "f");
  std::set<std::size_t> places;
  std::set<std::string_view> names;
  std::string written;
  for (const assignment& each : read.assignments) {
    require(places.insert(line_of(each.source, lines)).second);
    require(names.insert(each.name).second && !each.name.empty());
    require(each.value.find('\n') == std::string::npos);
    written.append(each.name).append(" = '").append(each.value).append("'\r\n");
  }
  for (const field_problem& each : read.problems) {
    require(places.insert(line_of(each.field, lines)).second && !each.message.empty());
  }
  const auto again = adapters::parse_settings_file(written, "f");
  require(again.problems.empty());
  require(std::ranges::equal(again.assignments, read.assignments, [](const auto& a, const auto& b) {
    return a.name == b.name && a.value == b.value;
  }));
  return 0;
}
