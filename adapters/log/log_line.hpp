// SPDX-License-Identifier: MIT
#pragma once

// How a line of the log looks. What comes from outside can stand in messages and fields: it is
// escaped, and what is known to be a secret is hidden.

#include "adapters/log/log_levels.hpp"
#include "messages/base/error.hpp"
#include "messages/base/time.hpp"
#include "messages/base/uuid.hpp"
#include "messages/jobs/job.hpp"

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace stayler::adapters {

/// A named, typed value of a line. Names are literals in camelCase; docs/logging.md lists them.
class log_field {
 public:
  using content = std::variant<std::string, bool, std::int64_t, std::uint64_t, double>;

  log_field(std::string_view name, std::string_view text)
      : name_(name), value_(std::string{text}) {}
  log_field(std::string_view name, double number) : name_(name), value_(number) {}
  template <std::integral Int>
  log_field(std::string_view name, Int number) : name_(name), value_(widened(number)) {}
  log_field(std::string_view name, const job_id& id) : log_field(name, to_string(id)) {}
  log_field(std::string_view name, fencing_token token)
      : log_field(name, static_cast<std::uint64_t>(token)) {}
  /// Without a text for error_class::none.
  log_field(std::string_view name, error_class kind)
      : log_field(name, kind == error_class::none ? "" : stayler::to_string(kind)) {}

  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  [[nodiscard]] const content& value() const noexcept { return value_; }

 private:
  template <class Int>
  static auto widened(Int number) {
    if constexpr (std::same_as<Int, bool>) {
      return number;
    } else if constexpr (std::is_signed_v<Int>) {
      return std::int64_t{number};
    } else {
      return std::uint64_t{number};
    }
  }

  std::string_view name_;
  content value_;
};

/// One line before it is rendered.
struct log_line {
  timestamp at;
  log_level level = log_level::info;
  subsystem who = subsystem::service;
  std::string_view message;
  std::span<const log_field> fields;  ///< those with an empty text are left out
};

/// Hides what must not be shown wherever it stands in a text.
class secret_mask {
 public:
  secret_mask() = default;

  /// Texts of less than six characters are too likely to be part of something else, and are shown.
  explicit secret_mask(std::vector<std::string> secrets);

  /// The text with "***" in place of each secret.
  [[nodiscard]] std::string apply(std::string_view text) const;

 private:
  std::vector<std::string> secrets_;
};

/// A JSON object with time, level, subsystem, message and the fields; without the end of the line.
std::string render_json(const log_line& line, const secret_mask& mask);

/// "TIME LEVEL SUBSYSTEM: MESSAGE name=value ...": printable and on one line whatever the texts
/// hold; a value with blanks or quotes is quoted as in JSON. Without the end of the line.
std::string render_text(const log_line& line, const secret_mask& mask);

}  // namespace stayler::adapters
