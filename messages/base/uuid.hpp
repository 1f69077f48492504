// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stayler {

/// A 128-bit identifier. Version 7 (RFC 9562): the first 48 bits are Unix milliseconds, the rest is
/// random, so that ids sort by age and need no coordination.
struct uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// True for the all-zero value, which names nothing.
  [[nodiscard]] bool is_nil() const noexcept { return *this == uuid{}; }
  friend auto operator<=>(const uuid&, const uuid&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, uuid& x) {
  return f(x.bytes);
}

/// A new version 7 UUID for that time. Safe to call from any thread. Ids made by one thread within
/// one millisecond still ascend; whoever knows any number of them cannot guess the next.
uuid make_uuid_v7(std::chrono::system_clock::time_point now);

/// The canonical form: 36 characters, lower case.
std::string to_string(const uuid& id);

/// The UUID that the text spells in the canonical form (either case), or nothing.
std::optional<uuid> parse_uuid(std::string_view text) noexcept;

/// The identity of a job. A type of its own, so that it cannot be mixed up with other ids.
struct job_id {
  uuid value;

  friend auto operator<=>(const job_id&, const job_id&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_id& x) {
  return f(x.value);
}

inline std::string to_string(const job_id& id) {
  return to_string(id.value);
}

/// The job id that the text spells, or nothing.
std::optional<job_id> parse_job_id(std::string_view text) noexcept;

}  // namespace stayler

template <>
struct std::hash<stayler::uuid> {
  std::size_t operator()(const stayler::uuid& id) const noexcept;
};

template <>
struct std::hash<stayler::job_id> {
  std::size_t operator()(const stayler::job_id& id) const noexcept {
    return std::hash<stayler::uuid>{}(id.value);
  }
};
