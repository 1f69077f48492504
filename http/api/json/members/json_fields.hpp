// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_reader.hpp"
#include "messages/base/error.hpp"
#include "messages/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// Letters, digits, and . _ : - , at most 128 of them: what an id may consist of, apart from those
/// of users (is_user_id).
bool is_plain_id(std::string_view text) noexcept;

/// How many characters (code points) a UTF-8 text has.
std::size_t character_count(std::string_view text) noexcept;

/// A body as JSON; nothing, and a problem of the field "body", where it is none.
std::optional<adapters::json_value> read_json_body(
    std::string_view body, std::vector<field_problem>& problems
);

/// What zero values are where they are not allowed as such: 0, an empty text, the first day of year
/// 1. Clients in Go send them for what their callers have left out.
enum class zero_values : std::uint8_t { are_wrong, are_absent };

/// Reads the members of one JSON object and collects what is wrong with them, each under its path
/// ("payload.userImageId"), so that a caller learns of all mistakes at once. A member that is
/// missing, null or wrong reads as nothing, and so does an optional zero value where these
/// are_absent.
class json_fields {
 public:
  /// `path` is the object's own, empty for the root. Where `from` is no object, that is the
  /// problem.
  json_fields(
      const adapters::json_value& from,
      std::string path,
      std::vector<field_problem>& problems,
      zero_values zeros = zero_values::are_wrong
  );

  enum class presence : std::uint8_t { optional, required };

  const adapters::json_value* find(std::string_view name, presence wanted = presence::optional);

  /// Whether something is said there, right or wrong.
  [[nodiscard]] bool has(std::string_view name) {
    return find_given(name, presence::optional) != nullptr;
  }

  std::optional<std::string> text(std::string_view name, presence wanted = presence::optional);
  std::optional<std::string> text(std::string_view name, std::size_t max_characters);
  std::optional<std::string> id(std::string_view name, presence wanted);
  std::optional<std::string> user_id(std::string_view name, presence wanted);
  std::optional<bool> flag(std::string_view name);

  /// A text out of a list.
  std::optional<std::string> one_of(
      std::string_view name,
      const std::vector<std::string_view>& allowed,
      presence wanted = presence::optional
  );

  std::optional<std::uint64_t> number(
      std::string_view name,
      std::uint64_t lowest,
      std::uint64_t highest,
      presence wanted = presence::optional
  );

  /// "600s", or a whole number of nanoseconds.
  std::optional<milliseconds> duration(
      std::string_view name, milliseconds lowest, milliseconds highest
  );

  std::optional<timestamp> time(std::string_view name);

  /// The path of a member.
  [[nodiscard]] std::string path_of(std::string_view name) const;

  void add_problem(std::string_view name, std::string message);

  /// Makes a problem of every member that was never asked for.
  void refuse_others();

 private:
  /// As find(), but not a zero value that counts as absent.
  const adapters::json_value* find_given(std::string_view name, presence wanted);
  [[nodiscard]] bool is_absent_zero(const adapters::json_value& value, presence wanted) const;
  std::optional<std::string> given_text(std::string_view name, presence wanted);

  const adapters::json_value* from_;
  std::string path_;
  std::vector<field_problem>& problems_;
  zero_values zeros_;
  std::vector<std::string_view> known_;
};

}  // namespace stayler::http
