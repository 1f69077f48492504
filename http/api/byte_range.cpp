// SPDX-License-Identifier: MIT
#include "http/api/byte_range.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

namespace stayler::http {

namespace {

std::optional<std::size_t> whole_number(std::string_view text) noexcept {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{value}
                                                                  : std::nullopt;
}

std::string_view trimmed(std::string_view text) noexcept {
  const auto begin = text.find_first_not_of(" \t");
  const auto end = text.find_last_not_of(" \t");
  return begin == std::string_view::npos ? std::string_view{} : text.substr(begin, end - begin + 1);
}

}  // namespace

byte_range parse_byte_range(std::string_view header, std::size_t size) noexcept {
  constexpr std::string_view unit = "bytes=";
  const auto dash = header.find('-');
  if (header.substr(0, unit.size()) != unit || dash == std::string_view::npos) {
    return {};
  }
  const auto first_text = trimmed(header.substr(unit.size(), dash - unit.size()));
  const auto last_text = trimmed(header.substr(dash + 1));
  const auto first = whole_number(first_text);
  const auto last = whole_number(last_text);
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
    const auto comma = std::min(header.find(','), header.size());
    auto tag = trimmed(header.substr(0, comma));
    header.remove_prefix(std::min(header.size(), comma + 1));
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
