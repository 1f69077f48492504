// SPDX-License-Identifier: MIT
#include "adapters/json/unreadable_number.hpp"

#include "messages/base/text.hpp"

#include <algorithm>
#include <cstdint>

namespace stayler::adapters {

namespace {

constexpr std::size_t longest_shown = 40;

std::string shortened(std::string_view text) {
  return std::string{text.substr(0, longest_shown)} + (text.size() > longest_shown ? "..." : "");
}

/// The string that begins here, without its quotes; what follows it is left of the text.
std::string_view take_string(std::string_view& text) {
  std::size_t end = 1;
  while (end < text.size() && text[end] != '"') {
    end += text[end] == '\\' ? 2 : 1;
  }
  const auto inside = text.substr(1, std::min(end, text.size()) - 1);
  text.remove_prefix(std::min(end + 1, text.size()));
  return inside;
}

std::string_view take_number(std::string_view& text) {
  const auto end = std::min(text.find_first_not_of("+-.0123456789eE"), text.size());
  const auto number = text.substr(0, end);
  text.remove_prefix(end);
  return number;
}

bool is_readable_number(std::string_view number) {
  return number.find_first_of(".eE") != std::string_view::npos
             ? parse_number<double>(number).has_value()
             : parse_number<std::int64_t>(number) || parse_number<std::uint64_t>(number);
}

}  // namespace

std::optional<std::string> find_unreadable_number(std::string_view text) {
  std::string_view member;
  while (!text.empty()) {
    if (text.front() == '"') {
      const auto found = take_string(text);
      const bool is_name = trim(text, " \t\r\n").starts_with(':');
      member = is_name ? found : member;
    } else if (text.front() == '-' || is_digit(text.front())) {
      const auto number = take_number(text);
      if (!is_readable_number(number)) {
        const std::string place = member.empty() ? "" : " of \"" + shortened(member) + "\"";
        return "the number " + shortened(number) + place
               + " is beyond the numbers that are read, of 64 bits";
      }
    } else {
      text.remove_prefix(1);
    }
  }
  return std::nullopt;
}

}  // namespace stayler::adapters
