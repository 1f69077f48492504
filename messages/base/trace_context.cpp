// SPDX-License-Identifier: MIT
#include "messages/base/trace_context.hpp"

#include "messages/base/text.hpp"

#include <algorithm>
#include <cstddef>

namespace stayler {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

constexpr std::size_t traceparent_size = 55;
constexpr std::size_t most_state_characters = 512;
constexpr std::size_t most_state_members = 32;
constexpr std::size_t longest_state_name = 256;
constexpr std::size_t longest_state_value = 256;

bool is_hex(std::string_view text) {
  return text.find_first_not_of(hex_digits) == std::string_view::npos;
}

/// Of hexadecimal digits, 16 at most.
std::uint64_t number_of(std::string_view digits) {
  std::uint64_t number = 0;
  for (const char digit : digits) {
    number = (number << 4U) | static_cast<std::uint64_t>(hex_digits.find(digit));
  }
  return number;
}

std::string digits_of(std::uint64_t number, std::size_t count) {
  std::string text(count, '0');
  for (std::size_t place = count; place > 0; --place, number >>= 4U) {
    text[place - 1] = hex_digits[number & 0xFU];
  }
  return text;
}

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_state_name(std::string_view name) {
  const auto fits = [](char c) {
    return is_lower_or_digit(c) || c == '_' || c == '-' || c == '*' || c == '/' || c == '@';
  };
  return !name.empty() && name.size() <= longest_state_name && is_lower_or_digit(name.front())
         && std::ranges::all_of(name, fits) && std::ranges::count(name, '@') <= 1
         && name.back() != '@';
}

bool is_state_value(std::string_view value) {
  const auto fits = [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; };
  return !value.empty() && value.size() <= longest_state_value && std::ranges::all_of(value, fits);
}

bool is_state_member(std::string_view member) {
  const auto at = member.find('=');
  return at != std::string_view::npos && is_state_name(member.substr(0, at))
         && is_state_value(member.substr(at + 1));
}

}  // namespace

trace_context below(const trace_context& parent, std::uint64_t span_id) {
  trace_context place = parent;
  place.span_id = span_id;
  return place;
}

std::optional<trace_context> parse_traceparent(std::string_view header) {
  // version "-" trace-id "-" parent-id "-" flags; a later version may say more behind that.
  if (header.size() < traceparent_size || header[2] != '-' || header[35] != '-'
      || header[52] != '-') {
    return std::nullopt;
  }
  const auto version = header.substr(0, 2);
  const auto trace = header.substr(3, 32);
  const auto parent = header.substr(36, 16);
  const auto flags = header.substr(53, 2);
  const bool has_more = header.size() > traceparent_size;
  if (!is_hex(version) || !is_hex(trace) || !is_hex(parent) || !is_hex(flags) || version == "ff"
      || (has_more && (version == "00" || header[traceparent_size] != '-'))) {
    return std::nullopt;
  }
  trace_context place;
  for (std::size_t i = 0; i < place.trace_id.bytes.size(); ++i) {
    place.trace_id.bytes[i] = static_cast<std::uint8_t>(number_of(trace.substr(2 * i, 2)));
  }
  place.span_id = number_of(parent);
  place.is_sampled = (number_of(flags) & 1U) != 0;
  return place.is_set() && place.span_id != 0 ? std::optional{place} : std::nullopt;
}

std::string to_traceparent(const trace_context& place) {
  if (!place.is_set() || place.span_id == 0) {
    return {};
  }
  return "00-" + trace_id_text(place) + "-" + span_id_text(place.span_id)
         + (place.is_sampled ? "-01" : "-00");
}

std::string read_tracestate(std::span<const std::string_view> headers) {
  std::string all;
  std::size_t members = 0;
  for (std::string_view list : headers) {
    while (!list.empty()) {
      const std::string_view member = trim(take_until(list, ","));
      if (member.empty()) {
        continue;
      }
      if (!is_state_member(member) || ++members > most_state_members) {
        return {};
      }
      all.append(all.empty() ? "" : ",").append(member);
    }
  }
  return all.size() <= most_state_characters ? all : std::string{};
}

std::string trace_id_text(const trace_context& place) {
  std::string text;
  if (place.is_set()) {
    for (const std::uint8_t byte : place.trace_id.bytes) {
      text += digits_of(byte, 2);
    }
  }
  return text;
}

std::string span_id_text(std::uint64_t span_id) {
  return digits_of(span_id, 16);
}

}  // namespace stayler
