// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// What is stored outlives the program that has stored it, and may come back to an earlier one. So
// beside its version stands the earliest one whose programs can work on it
// (docs/decisions/0072-data-says-who-can-read-it.md).
namespace stayler::adapters {

/// How what is stored came to its form: step i leads from version i to i + 1.
struct schema_steps {
  std::string_view name;
  std::span<const std::string_view> steps;
  /// So many of the last steps only add what a program without them can do without, and whose loss,
  /// where it writes a row again, does no harm.
  std::size_t additive = 0;

  [[nodiscard]] std::int64_t version() const noexcept {
    return static_cast<std::int64_t>(steps.size());
  }
  [[nodiscard]] std::int64_t oldest_reader() const noexcept {
    return static_cast<std::int64_t>(steps.size() - additive);
  }
};

/// Among a database's versions: under which name the oldest reader of a schema stands. A row of its
/// own, which programs of before do not look for.
std::string name_of_reader(std::string_view schema);

/// What is there.
struct stored_version {
  std::int64_t version = 0;
  std::int64_t oldest_reader = 0;  ///< the version that a program has to know at least
};

/// Whether a program that knows versions up to `known` can work on it. invalid_input, with both
/// versions and what to do; `place` says where it is: `SQLite /data/jobs.db: schema "jobs"`.
void_result check_reader(std::string_view place, const stored_version& found, std::int64_t known);

}  // namespace stayler::adapters
