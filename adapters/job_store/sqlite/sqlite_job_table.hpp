// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/row_cipher.hpp"
#include "adapters/job_store/job_table.hpp"
#include "adapters/job_store/sqlite/sqlite_job_statements.hpp"
#include "adapters/job_store/sqlite/sqlite_job_store.hpp"
#include "adapters/sqlite/file_lock.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "messages/jobs/job_filter.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stayler::adapters {

/// The jobs' tables in an SQLite file: rows and counts in and out, by prepared statements. One
/// process at a time has the file, by a lock beside it.
class sqlite_job_table final : public job_table {
 public:
  /// Makes the tables where they are missing, and brings older ones up to date. unavailable;
  /// conflict where another process has the file open; invalid_input where a newer version has
  /// written it.
  static result<std::unique_ptr<sqlite_job_table>> open(
      const std::filesystem::path& file, const sqlite_job_store_options& options
  );

  /// Whoever held leases in this process's predecessor is dead, for the lock is ours: nobody has to
  /// wait until they run out. Those of worker nodes, which may live and come back, are left alone.
  failure end_leases();

  failure transact(const std::function<void()>& changes) override;
  [[nodiscard]] bool is_blocking() const noexcept override { return true; }

  std::optional<job_row> find(const job_id& id) override;
  std::optional<job_row> find_by_key(const job_request& request) override;
  std::optional<job_row> find_in_flight(const job_request& request) override;
  std::optional<job_row> find_oldest_pending() override;
  std::optional<job_row> first_of(const fair_queue::flow& flow) override;
  std::vector<job_row> find_due(timestamp now, std::size_t limit) override;
  std::vector<job_row> find_expired(timestamp now, std::size_t limit) override;
  std::vector<job_row> find_owned(const std::string& instance_id) override;
  result<job_page> list(const job_filter& filter) override;
  timestamp next_due() override;
  bool has_any_of(const fair_queue::flow& flow) override;
  void each_flow(const flow_visitor& visit) override;

  void insert(const stored_job& stored) override;
  void update(const job_row& row) override;
  std::optional<result<change_effect>> update_in_place(
      const job_id& id, const report_function& report
  ) override;
  void remove(const job_row& row) override;
  std::vector<job_status> remove_dead_letters(timestamp ended_by, std::size_t limit) override;
  std::vector<job_status> remove_finished(timestamp ended_by, std::size_t limit) override;

  job_counts read_counts() override;
  void write_counts(const job_counts& counts) override;
  job_counts count_states() override;
  waiting_by_user count_waiting_jobs() override;
  std::vector<type_pause> read_pauses() override;
  void write_pause(const type_pause& pause) override;
  void remove_pause(job_type type) override;

 private:
  sqlite_job_table(
      file_lock lock,
      sqlite_database database,
      sqlite_database reader,
      sqlite_job_statements statements,
      row_cipher cipher
  );

  /// Its data, and when its lease runs out for find_expired.
  void update_lease(const job_row& row, timestamp expires_at);
  void update_data(const job_row& row);
  /// The job's bytes, as its row has them.
  [[nodiscard]] std::string content_of(const job& value) const;
  /// A row that was changed from outside: nobody is to meet it at work again.
  void set_aside(const job_row& row);
  std::vector<job_row> find_readable(sqlite_statement& found);
  std::vector<job_status> remove_found(sqlite_statement& found);

  file_lock lock_;
  sqlite_database database_;
  sqlite_database reader_;  ///< of list() alone
  row_cipher cipher_;
  sqlite_job_statements sql_;
};

}  // namespace stayler::adapters
