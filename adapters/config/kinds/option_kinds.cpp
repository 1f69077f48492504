// SPDX-License-Identifier: MIT
#include "adapters/config/kinds/option_kinds.hpp"

#include "adapters/config/wording.hpp"
#include "messages/base/duration.hpp"
#include "messages/base/text.hpp"
#include "messages/base/time.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

namespace stayler::adapters::option_kinds {

namespace {

/// A decimal number without sign, such as "2" or "1.5", in that range.
std::optional<double> parse_decimal(std::string_view text, double lowest, double highest) {
  // As a number "nan", "inf" and exponents would pass, too.
  const bool is_figure = !text.empty() && is_digit(text.front()) && is_digit(text.back());
  if (!is_figure || !consists_of(text, "0123456789.")) {
    return std::nullopt;
  }
  const auto value = parse_number<double>(text);
  return value >= lowest && value <= highest ? value : std::nullopt;
}

/// A decimal number as short as it can be: "2" or "1.5".
std::string print_decimal(double number) {
  std::array<char, 400> buffer{};
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed);
  return error == std::errc{} ? std::string{buffer.data(), end} : std::string{};
}

double in_seconds(milliseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

std::string range(const std::string& lowest, const std::string& highest) {
  return lowest + " to " + highest;
}

/// Why a text is no duration; empty where it is one.
std::string explain_duration(std::string_view text) {
  if (parse_duration(text)) {
    return {};
  }
  return parse_decimal(text, 0, 1e9) ? "it has no unit: ms, s, m or h"
                                     : "it is no duration such as 500ms, 90s or 1h30m";
}

/// Puts the time into the field if it is in the kind's range.
template <class Kind>
bool assign(const Kind& kind, settings& into, milliseconds time) {
  if (time < kind.lowest || time > kind.highest) {
    return false;
  }
  kind.field.in(into) = time;
  return true;
}

}  // namespace

bool integer::parse(settings& into, std::string_view text) const {
  const auto value = parse_number<std::uint64_t>(text);
  if (!value || *value < lowest || *value > highest) {
    return false;
  }
  std::visit(
      [&into, value]<class Int>(const settings_field<Int>& typed) {
        typed.in(into) = static_cast<Int>(*value);
      },
      field
  );
  return true;
}

std::string integer::print(const settings& from) const {
  return std::visit([&from](const auto& typed) { return std::to_string(typed.in(from)); }, field);
}

std::string integer::allowed() const {
  return range(std::to_string(lowest), std::to_string(highest));
}

std::string integer::explain(std::string_view text) const {
  return !text.empty() && consists_of(text, "0123456789") ? "" : "it is no whole number";
}

bool decimal::parse(settings& into, std::string_view text) const {
  const auto value = parse_decimal(text, lowest, highest);
  if (value) {
    field.in(into) = *value;
  }
  return value.has_value();
}

std::string decimal::print(const settings& from) const {
  std::string text = print_decimal(field.in(from));
  return text.find('.') == std::string::npos ? text + ".0" : text;
}

std::string decimal::allowed() const {
  const std::string numbers = range(print_decimal(lowest), print_decimal(highest));
  return unit.empty() ? numbers : std::string{unit} + ", " + numbers;
}

std::string decimal::explain(std::string_view text) const {
  constexpr double any = 1e300;
  return parse_decimal(text, 0, any) ? "" : "it is no decimal number such as 1.5";
}

bool boolean::parse(settings& into, std::string_view text) const {
  const bool is_true = equals_ignoring_case(text, "true") || text == "1";
  if (!is_true && !equals_ignoring_case(text, "false") && text != "0") {
    return false;
  }
  field.in(into) = is_true;
  return true;
}

std::string boolean::print(const settings& from) const {
  return field.in(from) ? "true" : "false";
}

std::string boolean::allowed() const {
  return "true or false";
}

std::string boolean::explain(std::string_view /*text*/) const {
  return {};
}

bool duration::parse(settings& into, std::string_view text) const {
  const auto time = parse_duration(text);
  return time && assign(*this, into, *time);
}

std::string duration::print(const settings& from) const {
  return format_duration(field.in(from));
}

std::string duration::allowed() const {
  return range(format_duration(lowest), format_duration(highest));
}

std::string duration::explain(std::string_view text) const {
  return explain_duration(text);
}

bool seconds::parse(settings& into, std::string_view text) const {
  if (const auto number = parse_decimal(text, 0, 1e9)) {
    return assign(*this, into, milliseconds{std::llround(*number * 1000)});
  }
  const auto time = parse_duration(text);
  return time && assign(*this, into, *time);
}

std::string seconds::print(const settings& from) const {
  return print_decimal(in_seconds(field.in(from)));
}

std::string seconds::allowed() const {
  return "seconds, or a duration such as 90s: "
         + range(print_decimal(in_seconds(lowest)), print_decimal(in_seconds(highest)));
}

std::string seconds::explain(std::string_view text) const {
  return parse_decimal(text, 0, 1e9) ? "" : explain_duration(text);
}

bool choice::parse(settings& into, std::string_view text) const {
  if (text.empty() || std::find(names.begin(), names.end(), text) == names.end()) {
    return false;
  }
  field.in(into) = std::string{text};
  return true;
}

std::string choice::print(const settings& from) const {
  return field.in(from);
}

std::string choice::allowed() const {
  const auto end = std::ranges::find(names, std::string_view{});
  return listed(std::span{names.begin(), end}, "or");
}

std::string choice::explain(std::string_view /*text*/) const {
  return {};
}

bool text::parse(settings& into, std::string_view given) const {
  if (format.read != nullptr && !(given.empty() && format.may_be_empty)) {
    auto in_one_form = format.read(given);
    if (in_one_form) {
      field.in(into) = std::move(*in_one_form);
    }
    return in_one_form.has_value();
  }
  if (!(given.empty() && format.may_be_empty) && !format.accepts(given)) {
    return false;
  }
  field.in(into) = std::string{given};
  return true;
}

std::string text::print(const settings& from) const {
  return field.in(from);
}

std::string text::allowed() const {
  std::string description{format.describe != nullptr ? format.describe() : format.description};
  return format.may_be_empty ? description + ", or empty" : description;
}

std::string text::explain(std::string_view given) const {
  if (given.empty()) {
    return "it is empty";
  }
  if (format.read != nullptr) {
    const auto read = format.read(given);
    return read ? std::string{} : read.error().message;
  }
  return format.explain != nullptr ? format.explain(given) : std::string{};
}

}  // namespace stayler::adapters::option_kinds
