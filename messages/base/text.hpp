// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

// What many parsers need of text. All of it is about ASCII, whatever the locale: bytes beyond it
// are no letters, no digits and no blanks.

namespace stayler {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}

constexpr bool is_lower(char c) noexcept {
  return c >= 'a' && c <= 'z';
}

constexpr char to_lower(char c) noexcept {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr char to_upper(char c) noexcept {
  return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

/// The text with its letters in lower case.
std::string to_lower(std::string_view text);

/// The text with its letters in upper case.
std::string to_upper(std::string_view text);

/// True where the two differ in nothing but the case of their letters.
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(
      a, b, {}, [](char c) { return to_lower(c); }, [](char c) { return to_lower(c); }
  );
}

constexpr bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept {
  return equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// True where the text has no other characters than those; also where it is empty.
constexpr bool consists_of(std::string_view text, std::string_view allowed) noexcept {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

/// True where the text has nothing but letters, digits and `others`; also where it is empty.
constexpr bool is_alphanumeric(std::string_view text, std::string_view others = {}) noexcept {
  return std::ranges::all_of(text, [others](char c) {
    return is_lower(c) || is_upper(c) || is_digit(c) || others.find(c) != std::string_view::npos;
  });
}

/// True where the text can be seen: no blank, no control character, nothing beyond ASCII. Also
/// where it is empty.
constexpr bool is_visible(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

/// The text without the blanks at its ends.
constexpr std::string_view trim(std::string_view text, std::string_view blanks = " \t") noexcept {
  const auto begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos
             ? std::string_view{}
             : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// Takes the part in front of the next of these separators, and that separator, off the text, which
/// is empty after its last part. So an empty part at the end cannot be told from none.
constexpr std::string_view take_until(
    std::string_view& text, std::string_view separators
) noexcept {
  const auto end = text.find_first_of(separators);
  const auto part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return part;
}

/// The number that the whole text is, in C's notation; nothing where it is something else or is out
/// of the type's range. No blanks, no "+". Floating-point types also take "nan", "inf" and
/// exponents.
template <class Number>
std::optional<Number> parse_number(std::string_view text) noexcept {
  Number number{};
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  return error == std::errc{} && end == last ? std::optional{number} : std::nullopt;
}

constexpr std::string_view hex_digits = "0123456789abcdef";

/// The value of a hex digit of either case.
constexpr std::optional<std::uint8_t> parse_hex_digit(char c) noexcept {
  const auto value = hex_digits.find(to_lower(c));
  return value == std::string_view::npos ? std::nullopt
                                         : std::optional{static_cast<std::uint8_t>(value)};
}

/// Adds the byte as two hex digits in lower case.
inline void append_hex(std::string& text, std::uint8_t byte) {
  text += hex_digits[byte >> 4U];
  text += hex_digits[byte & 0xFU];
}

/// The bytes as hex digits in lower case, two for each.
std::string to_hex(std::span<const std::uint8_t> bytes);

/// Reads the bytes from hex digits of either case; false where these are not two for each.
bool parse_hex(std::string_view text, std::span<std::uint8_t> into) noexcept;

}  // namespace stayler
