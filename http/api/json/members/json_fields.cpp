// SPDX-License-Identifier: MIT
#include "http/api/json/members/json_fields.hpp"

#include "http/api/json/members/json_numbers.hpp"
#include "messages/base/duration.hpp"
#include "messages/base/text.hpp"
#include "messages/jobs/user_id.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace stayler::http {

namespace {

using adapters::json_value;

constexpr std::size_t max_id_bytes = 128;

std::string must_be(std::string_view what, const json_value& found) {
  return "must be " + std::string{what} + ", not " + std::string{found.type_name()};
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string text;
  for (const auto name : names) {
    text.append(text.empty() ? "" : ", ").append(name);
  }
  return text;
}

/// The duration, or what is wrong with it.
result<milliseconds> read_duration(const json_value& from) {
  if (const auto* text = from.as<std::string>()) {
    return parse_duration(*text);
  }
  if (const auto nanoseconds = whole_number(from)) {
    return milliseconds{static_cast<std::int64_t>(*nanoseconds / 1'000'000)};
  }
  return failure{
      error_class::invalid_input,
      "must be a duration such as \"600s\", or whole nanoseconds, not " + shown_number(from)};
}

/// Whether it is the time that Go has for none, or earlier.
bool is_zero_time(timestamp time) {
  using namespace std::chrono;
  return time < timestamp{sys_days{year{2} / January / 1}};
}

}  // namespace

bool is_plain_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= max_id_bytes && is_alphanumeric(text, "._:-");
}

std::size_t character_count(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::optional<adapters::json_value> read_json_body(
    std::string_view body, std::vector<field_problem>& problems
) {
  auto json = adapters::parse_json(body);
  if (!json) {
    problems.push_back({"body", json.error().message});
    return std::nullopt;
  }
  return std::move(*json);
}

json_fields::json_fields(
    const json_value& from,
    std::string path,
    std::vector<field_problem>& problems,
    zero_values zeros
)
    : from_(&from), path_(std::move(path)), problems_(problems), zeros_(zeros) {
  if (from.as<json_value::object>() == nullptr) {
    problems_.push_back({path_.empty() ? "body" : path_, must_be("an object", from)});
  }
}

const json_value* json_fields::find(std::string_view name, presence wanted) {
  known_.push_back(name);
  const auto* value = from_->find(name);
  const bool is_missing = value == nullptr || value->is_null();
  // An object that is none is a problem already, and its members are no further ones.
  if (is_missing && wanted == presence::required && from_->as<json_value::object>() != nullptr) {
    add_problem(name, "is required");
  }
  return is_missing ? nullptr : value;
}

bool json_fields::is_absent_zero(const json_value& value, presence wanted) const {
  if (zeros_ == zero_values::are_wrong || wanted == presence::required) {
    return false;
  }
  const auto* text = value.as<std::string>();
  return text != nullptr ? text->empty() : whole_number(value) == 0U;
}

const json_value* json_fields::find_given(std::string_view name, presence wanted) {
  const auto* value = find(name, wanted);
  return value == nullptr || is_absent_zero(*value, wanted) ? nullptr : value;
}

std::optional<std::string> json_fields::text(std::string_view name, presence wanted) {
  const auto* value = find(name, wanted);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (const auto* found = value->as<std::string>()) {
    return *found;
  }
  add_problem(name, must_be("a string", *value));
  return std::nullopt;
}

std::optional<std::string> json_fields::given_text(std::string_view name, presence wanted) {
  auto found = text(name, wanted);
  const bool is_absent =
      found && found->empty() && wanted == presence::optional && zeros_ == zero_values::are_absent;
  return is_absent ? std::nullopt : found;
}

std::optional<std::string> json_fields::text(std::string_view name, std::size_t max_characters) {
  auto found = text(name);
  if (found && character_count(*found) > max_characters) {
    add_problem(
        name, fmt::format(
                  "may have at most {} characters, not {}", max_characters, character_count(*found)
              )
    );
    return std::nullopt;
  }
  return found;
}

std::optional<std::string> json_fields::id(std::string_view name, presence wanted) {
  auto found = given_text(name, wanted);
  if (found && !is_plain_id(*found)) {
    add_problem(name, "must be 1 to 128 letters, digits, or the characters . _ : -");
    return std::nullopt;
  }
  return found;
}

std::optional<std::string> json_fields::user_id(std::string_view name, presence wanted) {
  auto found = given_text(name, wanted);
  if (found && !is_user_id(*found)) {
    add_problem(name, "must be " + std::string{user_id_form});
    return std::nullopt;
  }
  return found;
}

std::optional<bool> json_fields::flag(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (const auto* found = value->as<bool>()) {
    return *found;
  }
  add_problem(name, must_be("true or false", *value));
  return std::nullopt;
}

std::optional<std::string> json_fields::one_of(
    std::string_view name, const std::vector<std::string_view>& allowed, presence wanted
) {
  auto found = given_text(name, wanted);
  if (found && std::find(allowed.begin(), allowed.end(), *found) == allowed.end()) {
    add_problem(name, "must be one of " + joined(allowed));
    return std::nullopt;
  }
  return found;
}

std::optional<std::uint64_t> json_fields::number(
    std::string_view name, std::uint64_t lowest, std::uint64_t highest, presence wanted
) {
  const auto* value = find(name, wanted);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto found = whole_number(*value);
  if (found == 0U && lowest > 0 && is_absent_zero(*value, wanted)) {
    return std::nullopt;
  }
  if (!found || *found < lowest || *found > highest) {
    add_problem(
        name,
        fmt::format(
            "must be a whole number from {} to {}, not {}", lowest, highest, shown_number(*value)
        )
    );
    return std::nullopt;
  }
  return found;
}

std::optional<milliseconds> json_fields::duration(
    std::string_view name, milliseconds lowest, milliseconds highest
) {
  const auto* value = find_given(name, presence::optional);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto found = read_duration(*value);
  if (!found) {
    add_problem(name, found.error().message);
    return std::nullopt;
  }
  if (zeros_ == zero_values::are_absent && value->as<std::string>() != nullptr
      && found->count() == 0) {
    return std::nullopt;  // "0s"
  }
  if (*found < lowest || *found > highest) {
    add_problem(
        name, "must be from " + format_duration(lowest) + " to " + format_duration(highest)
                  + ", not " + format_duration(*found)
    );
    return std::nullopt;
  }
  return *found;
}

std::optional<timestamp> json_fields::time(std::string_view name) {
  const auto found = given_text(name, presence::optional);
  if (!found) {
    return std::nullopt;
  }
  const auto parsed = parse_rfc3339(*found);
  if (!parsed) {
    add_problem(name, "must be a time as in RFC 3339, such as 2026-11-24T09:30:00Z");
    return std::nullopt;
  }
  const bool is_absent = zeros_ == zero_values::are_absent && is_zero_time(*parsed);
  return is_absent ? std::nullopt : parsed;
}

std::string json_fields::path_of(std::string_view name) const {
  return path_.empty() ? std::string{name} : path_ + "." + std::string{name};
}

void json_fields::add_problem(std::string_view name, std::string message) {
  problems_.push_back({path_of(name), std::move(message)});
}

void json_fields::refuse_others() {
  const auto* members = from_->as<json_value::object>();
  if (members == nullptr) {
    return;
  }
  for (const auto& [name, value] : *members) {
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
      add_problem(name, "is not known");
    }
  }
}

}  // namespace stayler::http
