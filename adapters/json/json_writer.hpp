// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace stayler::adapters {

/// Writes a JSON text from front to back. The caller opens and closes what it opened; commas and
/// escapes are the writer's. Text that is not valid UTF-8 is written with U+FFFD in its place.
class json_writer {
 public:
  json_writer& begin_object();
  json_writer& end_object();
  json_writer& begin_array();
  json_writer& end_array();

  /// The name of the next value in an object.
  json_writer& key(std::string_view name);

  json_writer& value(std::string_view text);
  json_writer& value(const char* text) { return value(std::string_view{text}); }
  json_writer& value(bool flag);
  json_writer& value(double number);  ///< null where it is not finite
  template <std::integral Int>
  json_writer& value(Int number) {
    return raw(std::to_string(number));
  }
  json_writer& null();

  /// A JSON text that was made elsewhere.
  json_writer& raw(std::string_view json);

  /// key() and value() in one.
  template <class Value>
  json_writer& field(std::string_view name, const Value& content) {
    return key(name).value(content);
  }

  /// What was written so far.
  [[nodiscard]] const std::string& text() const& noexcept { return text_; }
  std::string text() && { return std::move(text_); }

 private:
  void separate();

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace stayler::adapters
