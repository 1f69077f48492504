// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/fair_queue.hpp"
#include "adapters/job_store/job_transitions.hpp"
#include "adapters/job_store/sqlite/sqlite_job_schema.hpp"
#include "adapters/job_store/sqlite/sqlite_job_store.hpp"
#include "adapters/sqlite/sqlite_database.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <type_traits>
#include <vector>

namespace stayler::adapters {

/// A job as the table has it.
struct job_row {
  std::int64_t seq = 0;
  stored_job stored;
};

/// The column `lane`: where a pending job waits, 0 for others.
inline std::uint32_t waiting_band(const stored_job& stored) noexcept {
  return stored.value.status == job_status::pending ? priority_band_of(stored) : 0;
}

/// The jobs' tables in an SQLite file: rows and counts in and out, by prepared statements; what
/// they mean is the store's affair. The first error of the database is kept: a caller may go on
/// with empty hands and look once, at the end of its transaction.
class sqlite_job_table {
 public:
  /// Makes the tables where they are missing, and brings older ones up to date. unavailable;
  /// invalid_input where a newer version has written them.
  static result<sqlite_job_table> open(
      const std::filesystem::path& file, const sqlite_job_store_options& options
  );

  [[nodiscard]] const failure& error() const noexcept { return error_; }
  void forget_error() { error_ = {}; }

  [[nodiscard]] result<sqlite_transaction> begin() { return database_.begin(); }

  std::optional<job_row> find(const job_id& id);
  std::optional<job_row> find_by_key(const job_request& request);  ///< its idempotency key
  std::optional<job_row> find_in_flight(const job_request& request);
  std::optional<job_row> find_oldest_pending();
  std::optional<job_row> find_first_of(const fair_queue::flow& flow);
  bool has_any_of(const fair_queue::flow& flow);
  std::vector<job_row> find_owned(std::string_view owner);
  std::vector<job_row> find_due(timestamp now, std::size_t limit);
  std::vector<job_row> find_expired(timestamp now, std::size_t limit);
  std::vector<std::int64_t> find_outdated(
      job_status status, timestamp finished_by, std::size_t limit
  );
  /// The earliest due time of a scheduled job; not set: none.
  timestamp next_due();
  result<job_page> list(const job_filter& filter);

  void insert(const stored_job& stored);
  void update(const job_row& row);
  /// Its data, and when its lease runs out for find_expired.
  void update_lease(const job_row& row, timestamp expires_at);
  void update_data(const job_row& row);
  void remove(std::int64_t seq);

  job_counts read_counts();
  void write_counts(const job_counts& counts);
  /// How many rows there are in each state; the other counts are 0.
  job_counts count_rows();

  /// Each flow of pending jobs and since when its first one waits, the longest first.
  void each_flow(const std::function<void(const fair_queue::flow&, timestamp)>& visit);
  std::set<job_type> read_paused();
  void set_paused(job_type type, bool is_paused);

 private:
  sqlite_job_table(sqlite_database database, std::vector<sqlite_statement> statements);

  sqlite_statement& get(sqlite_jobs::query which);
  void note(const void_result& done);
  void run(sqlite_statement& statement) { note(statement.run()); }
  template <class Read>
  auto first(sqlite_statement& statement, Read read)
      -> std::optional<std::invoke_result_t<Read&, const sqlite_statement&>>;
  job_row read_row(const sqlite_statement& row);
  std::optional<job_row> find_row(sqlite_statement& statement);
  std::vector<job_row> find_rows(sqlite_statement& statement);

  sqlite_database database_;
  std::vector<sqlite_statement> statements_;
  failure error_;
};

}  // namespace stayler::adapters
