// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/row_cipher.hpp"
#include "adapters/job_store/job_table.hpp"
#include "adapters/job_store/sqlite/sqlite_job_schema.hpp"
#include "adapters/sqlite/sqlite_database.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace sqlite_jobs {

/// The lane that a job's row is in.
std::uint32_t lane_of(const stored_job& stored) noexcept;

/// The type that a row of such jobs has; the flow that a row of that lane and type is in.
int type_in_row(job_type type, bool is_suspect) noexcept;
fair_queue::flow flow_in_row(std::uint32_t lane, int type, std::string user);

/// What a lane says of its jobs: their flow's band, and what they go ahead of.
std::uint32_t band_of(std::uint32_t lane) noexcept;
precedence precedence_in(std::uint32_t lane) noexcept;

}  // namespace sqlite_jobs

namespace sqlite_jobs {

/// The job whose id and data are these. internal_bug where that is not what was written there;
/// unavailable where its key is missing.
result<job> read_job(
    const row_cipher& cipher, std::span<const std::byte> id, std::span<const std::byte> data
);

/// The id in a row.
job_id id_in_row(std::span<const std::byte> id) noexcept;

}  // namespace sqlite_jobs

/// The prepared statements of a job table, and the rows that they read. What fails finds nothing
/// and is told to `on_failure`.
class sqlite_job_statements {
 public:
  using failure_handler = std::function<void(const failure&)>;

  /// Prepares them all.
  static result<sqlite_job_statements> prepare(sqlite_database& database);

  void on_failure(failure_handler handler) { on_failure_ = std::move(handler); }
  void read_by(row_cipher cipher) { cipher_ = std::move(cipher); }

  sqlite_statement& get(sqlite_jobs::query which) {
    return statements_[static_cast<std::size_t>(which)];
  }

  void run(sqlite_statement& statement) { check(statement.run()); }

  /// Calls `read(statement)` for each row.
  template <class Read>
  void each(sqlite_statement& statement, Read read) {
    check(statement.for_each(read));
  }

  /// What `read(statement)` makes of the first row, or nothing where there is none.
  template <class Read>
  auto first(sqlite_statement& statement, Read read)
      -> std::optional<std::invoke_result_t<Read&, const sqlite_statement&>> {
    auto row = statement.first(read);
    if (!row) {
      on_failure_(row.error());
      return std::nullopt;
    }
    return std::move(*row);
  }

  // For statements that find jobs: with the columns seq, lane, owner, data, id and status.
  std::optional<job_row> find_row(sqlite_statement& statement);
  std::vector<job_row> find_rows(sqlite_statement& statement);

 private:
  explicit sqlite_job_statements(std::vector<sqlite_statement> statements)
      : statements_(std::move(statements)) {}

  void check(const void_result& done);
  job_row read_row(const sqlite_statement& row);

  std::vector<sqlite_statement> statements_;
  failure_handler on_failure_;
  row_cipher cipher_;
};

}  // namespace stayler::adapters
