// SPDX-License-Identifier: MIT
#pragma once

// How each kind of option is read from text and written back. A kind is made with an accessor, a
// generic lambda that returns the field of a (const) settings that it stands for.

#include "adapters/config/option_table.hpp"

#include <charconv>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// One kind bound to one field. `parse` leaves the field alone where it returns false.
struct option_kind {
  option::json_kind json = option::json_kind::text;
  std::function<bool(settings&, std::string_view)> parse;
  std::function<std::string(const settings&)> print;
};

/// What stands in place of a secret.
inline constexpr std::string_view hidden_secret = "***";

/// The text in quotes, cut to a readable length, control characters as "?": for messages.
std::string in_quotes(std::string_view text);

/// "true", "false", "1" or "0", in any case; nothing for other texts.
std::optional<bool> parse_flag(std::string_view text);

/// A decimal number without sign, such as "2" or "1.5", in that range.
std::optional<double> parse_decimal(std::string_view text, double lowest, double highest);

/// A decimal number as short as it can be; with_point: "2.0" rather than "2".
std::string print_decimal(double number, bool with_point);

/// A duration ("90s") in that range; with plain_seconds also a number of seconds ("90").
std::optional<milliseconds> parse_span(
    std::string_view text, milliseconds lowest, milliseconds highest, bool plain_seconds
);

/// http:// or https:// with a host and without credentials, blanks or control characters.
bool is_web_url(std::string_view text);

/// An IPv4 or IPv6 address in figures.
bool is_ip_address(std::string_view text);

/// Characters that can stand in a header: printable ASCII without blanks.
bool is_token_text(std::string_view text);

/// A model's name as it stands in the API's paths: letters, digits, and . _ -
bool is_model_name(std::string_view text);

/// Text without control characters.
bool is_plain_text(std::string_view text);

template <class Int, class Access>
option_kind whole_number(Int lowest, Int highest, Access field) {
  return {
      option::json_kind::number,
      [=](settings& into, std::string_view text) {
        Int value{};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size() || value < lowest
            || value > highest) {
          return false;
        }
        field(into) = value;
        return true;
      },
      [=](const settings& from) { return std::to_string(field(from)); }};
}

template <class Access>
option_kind decimal_number(double lowest, double highest, Access field) {
  return {
      option::json_kind::number,
      [=](settings& into, std::string_view text) {
        const auto value = parse_decimal(text, lowest, highest);
        if (value) {
          field(into) = *value;
        }
        return value.has_value();
      },
      [=](const settings& from) { return print_decimal(field(from), true); }};
}

template <class Access>
option_kind flag(Access field) {
  return {
      option::json_kind::boolean,
      [=](settings& into, std::string_view text) {
        const auto value = parse_flag(text);
        if (value) {
          field(into) = *value;
        }
        return value.has_value();
      },
      [=](const settings& from) { return std::string{field(from) ? "true" : "false"}; }};
}

template <class Access>
option_kind duration(milliseconds lowest, milliseconds highest, Access field) {
  return {
      option::json_kind::text,
      [=](settings& into, std::string_view text) {
        const auto value = parse_span(text, lowest, highest, false);
        if (value) {
          field(into) = *value;
        }
        return value.has_value();
      },
      [=](const settings& from) { return format_duration(field(from)); }};
}

/// A duration that is written as a plain number of seconds, and may be given as "90s" too.
template <class Access>
option_kind seconds_number(milliseconds lowest, milliseconds highest, Access field) {
  return {
      option::json_kind::number,
      [=](settings& into, std::string_view text) {
        const auto value = parse_span(text, lowest, highest, true);
        if (value) {
          field(into) = *value;
        }
        return value.has_value();
      },
      [=](const settings& from) {
        return print_decimal(static_cast<double>(field(from).count()) / 1000, false);
      }};
}

/// Text for which `accepts` is true.
template <class Accept, class Access>
option_kind text(Accept accepts, Access field) {
  return {
      option::json_kind::text,
      [=](settings& into, std::string_view value) {
        if (!accepts(value)) {
          return false;
        }
        field(into) = std::string{value};
        return true;
      },
      [=](const settings& from) { return field(from); }};
}

template <class Access>
option_kind one_of(std::initializer_list<std::string_view> names, Access field) {
  const std::vector<std::string_view> known{names};
  return text(
      [known](std::string_view value) {
        for (const std::string_view name : known) {
          if (name == value) {
            return true;
          }
        }
        return false;
      },
      field
  );
}

}  // namespace stayler::adapters
