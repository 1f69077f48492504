// SPDX-License-Identifier: MIT
#include "adapters/config/option_kinds.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cmath>

namespace stayler::adapters {

namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string in_lower_case(std::string_view text) {
  std::string lower{text};
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string shown{text.substr(0, longest)};
  std::replace_if(shown.begin(), shown.end(), is_control, '?');
  return "\"" + shown + (text.size() > longest ? "...\"" : "\"");
}

std::optional<bool> parse_flag(std::string_view text) {
  const std::string lower = in_lower_case(text);
  if (lower == "true" || lower == "1") {
    return true;
  }
  if (lower == "false" || lower == "0") {
    return false;
  }
  return std::nullopt;
}

std::optional<double> parse_decimal(std::string_view text, double lowest, double highest) {
  // from_chars would also read "nan", "inf" and exponents.
  const bool is_figure = !text.empty() && is_digit(text.front()) && is_digit(text.back());
  if (!is_figure || text.find_first_not_of("0123456789.") != std::string_view::npos) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < lowest
      || value > highest) {
    return std::nullopt;
  }
  return value;
}

std::string print_decimal(double number, bool with_point) {
  std::array<char, 400> buffer{};
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed);
  std::string text{buffer.data(), end};
  if (with_point && text.find('.') == std::string::npos) {
    text += ".0";
  }
  return error == std::errc{} ? text : std::string{};
}

std::optional<milliseconds> parse_span(
    std::string_view text, milliseconds lowest, milliseconds highest, bool plain_seconds
) {
  std::optional<milliseconds> span;
  if (plain_seconds) {
    if (const auto seconds = parse_decimal(text, 0, 1e9)) {
      span = milliseconds{std::llround(*seconds * 1000)};
    }
  }
  if (!span) {
    const auto read = parse_duration(text);
    if (!read) {
      return std::nullopt;
    }
    span = *read;
  }
  return *span >= lowest && *span <= highest ? span : std::nullopt;
}

bool is_web_url(std::string_view text) {
  const std::string lower = in_lower_case(text.substr(0, 8));
  const std::size_t scheme = lower.starts_with("https://")  ? 8
                             : lower.starts_with("http://") ? 7
                                                            : 0;
  const std::string_view rest = text.substr(scheme);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  // Credentials in an address would be shown wherever the address is.
  return scheme != 0 && is_token_text(text) && !authority.empty() && authority.front() != ':'
         && authority.find('@') == std::string_view::npos;
}

bool is_ip_address(std::string_view text) {
  const std::string address{text};
  in6_addr buffer{};
  return inet_pton(AF_INET, address.c_str(), &buffer) == 1
         || inet_pton(AF_INET6, address.c_str(), &buffer) == 1;
}

bool is_token_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_model_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_'
           || c == '-';
  });
}

bool is_plain_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), is_control);
}

}  // namespace stayler::adapters
