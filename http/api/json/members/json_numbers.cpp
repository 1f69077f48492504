// SPDX-License-Identifier: MIT
#include "http/api/json/members/json_numbers.hpp"

#include <fmt/core.h>

#include <cmath>

namespace stayler::http {

using adapters::json_value;

std::optional<std::uint64_t> whole_number(const json_value& from) {
  if (const auto* large = from.as<std::uint64_t>()) {
    return *large;
  }
  if (const auto* number = from.as<std::int64_t>()) {
    return *number >= 0 ? std::optional{static_cast<std::uint64_t>(*number)} : std::nullopt;
  }
  constexpr double exact_below = 9'007'199'254'740'992.0;
  const auto* number = from.as<double>();
  const bool is_whole =
      number != nullptr && *number >= 0 && *number < exact_below && std::trunc(*number) == *number;
  return is_whole ? std::optional{static_cast<std::uint64_t>(*number)} : std::nullopt;
}

std::string shown_number(const json_value& found) {
  if (const auto* large = found.as<std::uint64_t>()) {
    return fmt::format("{}", *large);
  }
  if (const auto* number = found.as<std::int64_t>()) {
    return fmt::format("{}", *number);
  }
  if (const auto* number = found.as<double>()) {
    return fmt::format("{}", *number);
  }
  return std::string{found.type_name()};
}

}  // namespace stayler::http
