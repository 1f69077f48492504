// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace stayler::adapters {

/// A parsed JSON value. Objects keep their members' order.
class json_value {
 public:
  using array = std::vector<json_value>;
  using member = std::pair<std::string, json_value>;
  using object = std::vector<member>;
  using content = std::variant<
      std::nullptr_t,
      bool,
      std::int64_t,
      std::uint64_t,
      double,
      std::string,
      array,
      object>;

  json_value() = default;
  explicit json_value(content value) : content_(std::move(value)) {}

  [[nodiscard]] bool is_null() const noexcept {
    return std::holds_alternative<std::nullptr_t>(content_);
  }

  /// A pointer to the value where it has that type, null otherwise.
  template <class T>
  [[nodiscard]] const T* as() const noexcept {
    return std::get_if<T>(&content_);
  }

  /// The member of that name of an object, null where there is none or this is no object.
  [[nodiscard]] const json_value* find(std::string_view name) const noexcept;

  /// "null", "a boolean", "a number", "a string", "an array" or "an object": for error messages.
  [[nodiscard]] std::string_view type_name() const noexcept;

 private:
  content content_ = nullptr;
};

/// How many values a text may have: many times what the largest batch of jobs has. Each takes forty
/// bytes and more, though it may take two in the text.
inline constexpr std::size_t max_json_values = 200'000;

/// Parses a whole JSON text (simdjson). invalid_input with the reason where it is malformed, nested
/// deeper than 32 levels, has too many values, or names an object member twice.
result<json_value> parse_json(std::string_view text);

}  // namespace stayler::adapters
