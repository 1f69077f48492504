// SPDX-License-Identifier: MIT
#include "http/api/pictures/byte_range.hpp"

#include "messages/base/text.hpp"

#include <algorithm>
#include <optional>

namespace stayler::http {

byte_range parse_byte_range(std::string_view header, std::size_t size) noexcept {
  constexpr std::string_view unit = "bytes=";
  const auto dash = header.find('-');
  if (header.substr(0, unit.size()) != unit || dash == std::string_view::npos) {
    return {};
  }
  const auto first_text = trim(header.substr(unit.size(), dash - unit.size()));
  const auto last_text = trim(header.substr(dash + 1));
  const auto first = parse_number<std::size_t>(first_text);
  const auto last = parse_number<std::size_t>(last_text);
  constexpr byte_range none{byte_range::kind::unsatisfiable, 0, 0};
  if (first_text.empty() && last) {
    const auto count = std::min(*last, size);
    return count == 0 ? none : byte_range{byte_range::kind::part, size - count, count};
  }
  const bool is_open = last_text.empty();
  if (!first || (!is_open && !last) || (last && *last < *first)) {
    return {};
  }
  if (*first >= size) {
    return none;
  }
  const auto end = is_open ? size : std::min(size - 1, *last) + 1;
  return {byte_range::kind::part, *first, end - *first};
}

bool names_entity(std::string_view header, std::string_view entity_tag) noexcept {
  while (!header.empty()) {
    auto tag = trim(take_until(header, ","));
    // If-None-Match compares weakly: W/"x" names "x".
    if (tag.substr(0, 2) == "W/") {
      tag.remove_prefix(2);
    }
    if (tag == entity_tag || tag == "*") {
      return true;
    }
  }
  return false;
}

}  // namespace stayler::http
