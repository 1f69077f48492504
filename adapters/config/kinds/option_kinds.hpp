// SPDX-License-Identifier: MIT
#pragma once

// The kinds of options. Each is a value that says which field of the settings an option stands for
// and what is allowed there; from that it reads the option's text, writes it back, and describes
// what is allowed:
//
//   bool parse(settings& into, std::string_view text)   false, and nothing is changed, where the
//                                                       text is not allowed
//   std::string print(const settings& from)             a text that parse reads back
//   std::string allowed()                               for humans: "1 to 100"
//   std::string explain(std::string_view text)          what is wrong with a text that parse has
//                                                       refused, without repeating it: it may hold
//                                                       a secret; empty where allowed() says it all
//   json_kind in_json                                   how the value stands in JSON

#include "messages/base/result.hpp"
#include "messages/service/settings.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace stayler::adapters {

/// How an option's value stands in JSON: quoted, as a number, or as true or false.
enum class json_kind : std::uint8_t { text, number, boolean };

/// A member of the settings or of one of their groups.
template <class T>
class settings_field {
 public:
  constexpr settings_field(T settings::*member) noexcept : member_(member) {}
  constexpr settings_field(T retry_settings::*member) noexcept : member_(member) {}
  constexpr settings_field(T gemini_settings::*member) noexcept : member_(member) {}
  constexpr settings_field(T tracing_settings::*member) noexcept : member_(member) {}

  [[nodiscard]] T& in(settings& whole) const noexcept { return find(whole); }
  [[nodiscard]] const T& in(const settings& whole) const noexcept { return find(whole); }

 private:
  template <class Settings>
  auto& find(Settings& whole) const noexcept {
    if (const auto* of_retry = std::get_if<T retry_settings::*>(&member_)) {
      return whole.retry.**of_retry;
    }
    if (const auto* of_gemini = std::get_if<T gemini_settings::*>(&member_)) {
      return whole.gemini.**of_gemini;
    }
    if (const auto* of_tracing = std::get_if<T tracing_settings::*>(&member_)) {
      return whole.tracing.**of_tracing;
    }
    return whole.**std::get_if<T settings::*>(&member_);
  }

  std::variant<T settings::*, T retry_settings::*, T gemini_settings::*, T tracing_settings::*>
      member_;
};

namespace option_kinds {

/// A whole number. The highest one fits into the field.
struct integer {
  std::variant<
      settings_field<std::uint16_t>,
      settings_field<std::uint32_t>,
      settings_field<std::uint64_t>>
      field;
  std::uint64_t lowest;
  std::uint64_t highest;

  static constexpr json_kind in_json = json_kind::number;
  bool parse(settings& into, std::string_view text) const;
  [[nodiscard]] std::string print(const settings& from) const;
  [[nodiscard]] std::string allowed() const;
  [[nodiscard]] std::string explain(std::string_view text) const;
};

/// A decimal number such as "2" or "1.5".
struct decimal {
  settings_field<double> field;
  double lowest;
  double highest;
  std::string_view unit = {};  ///< "US dollars"; none where empty

  static constexpr json_kind in_json = json_kind::number;
  bool parse(settings& into, std::string_view text) const;
  [[nodiscard]] std::string print(const settings& from) const;
  [[nodiscard]] std::string allowed() const;
  [[nodiscard]] std::string explain(std::string_view text) const;
};

/// "true", "false", "1" or "0", in any case.
struct boolean {
  settings_field<bool> field;

  static constexpr json_kind in_json = json_kind::boolean;
  bool parse(settings& into, std::string_view text) const;
  [[nodiscard]] std::string print(const settings& from) const;
  [[nodiscard]] std::string allowed() const;
  [[nodiscard]] std::string explain(std::string_view text) const;
};

/// A duration such as "90s" or "1h30m".
struct duration {
  settings_field<milliseconds> field;
  milliseconds lowest;
  milliseconds highest;

  static constexpr json_kind in_json = json_kind::text;
  bool parse(settings& into, std::string_view text) const;
  [[nodiscard]] std::string print(const settings& from) const;
  [[nodiscard]] std::string allowed() const;
  [[nodiscard]] std::string explain(std::string_view text) const;
};

/// A duration that is written as a plain number of seconds, and may be given as "90s" too.
struct seconds {
  settings_field<milliseconds> field;
  milliseconds lowest;
  milliseconds highest;

  static constexpr json_kind in_json = json_kind::number;
  bool parse(settings& into, std::string_view text) const;
  [[nodiscard]] std::string print(const settings& from) const;
  [[nodiscard]] std::string allowed() const;
  [[nodiscard]] std::string explain(std::string_view text) const;
};

/// One of two to five names; the last ones are empty where there are less.
struct choice {
  settings_field<std::string> field;
  std::array<std::string_view, 5> names;

  static constexpr json_kind in_json = json_kind::text;
  bool parse(settings& into, std::string_view text) const;
  [[nodiscard]] std::string print(const settings& from) const;
  [[nodiscard]] std::string allowed() const;
  [[nodiscard]] std::string explain(std::string_view text) const;
};

/// What a text has to look like.
struct text_format {
  bool (*accepts)(std::string_view) = nullptr;  ///< null where `read` is set
  std::string_view description{};               ///< for humans: "a file's name"
  std::string_view (*describe)() = nullptr;     ///< makes the description where it is no literal
  bool may_be_empty = false;                    ///< whatever `accepts` says
  /// Says what is wrong with a text that is not accepted, without repeating it: it may hold a
  /// secret.
  std::string (*explain)(std::string_view) = nullptr;
  /// In place of `accepts` and `explain`: gives the text in the one form in which it is
  /// kept, or says what is wrong with it.
  result<std::string> (*read)(std::string_view) = nullptr;
};

/// The same format, with the empty text allowed.
constexpr text_format or_empty(text_format format) noexcept {
  format.may_be_empty = true;
  return format;
}

/// A text of some format.
struct text {
  settings_field<std::string> field;
  text_format format;

  static constexpr json_kind in_json = json_kind::text;
  bool parse(settings& into, std::string_view text) const;
  [[nodiscard]] std::string print(const settings& from) const;
  [[nodiscard]] std::string allowed() const;
  [[nodiscard]] std::string explain(std::string_view text) const;
};

}  // namespace option_kinds

/// An option's kind, bound to its field.
using option_value = std::variant<
    option_kinds::integer,
    option_kinds::decimal,
    option_kinds::boolean,
    option_kinds::duration,
    option_kinds::seconds,
    option_kinds::choice,
    option_kinds::text>;

}  // namespace stayler::adapters
