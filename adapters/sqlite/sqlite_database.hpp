// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/schema_version/schema_version.hpp"
#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

struct sqlite3;
struct sqlite3_stmt;

namespace stayler::adapters {

/// A prepared statement, to be kept and run many times. Parameters count from 1, columns from 0.
/// Binding after a run begins a new one; parameters keep their values from run to run until bound
/// again. A parameter that cannot be bound is reported by the next step(). Used by one thread at a
/// time; it may outlive its database, but is of no use then.
class sqlite_statement {
 public:
  /// Text and blobs are copied.
  sqlite_statement& bind(int parameter, std::string_view text);
  sqlite_statement& bind(int parameter, const char* text) {
    return bind(parameter, std::string_view{text});
  }
  template <std::integral Int>
  sqlite_statement& bind(int parameter, Int number) {
    return bind_int64(parameter, static_cast<std::int64_t>(number));
  }
  sqlite_statement& bind(int parameter, timestamp time) {
    return bind_int64(parameter, time.time_since_epoch().count());
  }
  sqlite_statement& bind_blob(int parameter, std::span<const std::byte> bytes);
  sqlite_statement& bind_null(int parameter);

  /// True: there is a row to read. False: the statement has run to its end. The statement is reset
  /// at its end and on an error. While rows are left, a read transaction stays open.
  result<bool> step();

  /// Runs to the end, ignoring rows.
  void_result run();

  /// Ends a run before its last row.
  void reset() noexcept;

  /// Calls `read(statement)` for each row.
  template <class Read>
  void_result for_each(Read read) {
    for (;;) {
      const auto row = step();
      if (!row) {
        return row.error();
      }
      if (!*row) {
        return ok();
      }
      read(*this);
    }
  }

  /// What `read(statement)` makes of the first row, or nothing where there is no row.
  template <class Read>
  auto first(Read read)
      -> result<std::optional<std::invoke_result_t<Read&, const sqlite_statement&>>> {
    std::optional<std::invoke_result_t<Read&, const sqlite_statement&>> value;
    const auto row = step();
    if (!row) {
      return row.error();
    }
    if (*row) {
      value.emplace(read(*this));
      // A statement that writes commits when it runs to its end; only a step reports how that went.
      if (const auto rest = step(); !rest) {
        return rest.error();
      }
      reset();
    }
    return value;
  }

  /// Columns of the current row; NULL reads as empty or 0. Views are valid until the next step or
  /// reset.
  [[nodiscard]] std::string_view text(int column) const noexcept;
  [[nodiscard]] std::int64_t int64(int column) const noexcept;
  [[nodiscard]] timestamp time(int column) const noexcept {
    return timestamp{milliseconds{int64(column)}};
  }
  [[nodiscard]] std::span<const std::byte> blob(int column) const noexcept;
  [[nodiscard]] bool is_null(int column) const noexcept;
  [[nodiscard]] bool is_text(int column) const noexcept;

 private:
  friend class sqlite_database;
  struct finalizer {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  explicit sqlite_statement(sqlite3_stmt* handle) : handle_(handle) {}
  sqlite_statement& bind_int64(int parameter, std::int64_t number);
  void begin_binding() noexcept;
  void note(int code) noexcept;
  failure fail(int code) noexcept;

  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
  bool is_running_ = false;
  int bind_error_ = 0;
};

class sqlite_database;

/// A transaction, rolled back on destruction unless committed.
class sqlite_transaction {
 public:
  sqlite_transaction(sqlite_transaction&& other) noexcept;
  sqlite_transaction& operator=(sqlite_transaction&&) = delete;
  ~sqlite_transaction();

  /// Durable on success. On an error nothing was changed.
  void_result commit();

 private:
  friend class sqlite_database;
  explicit sqlite_transaction(sqlite_database& database) : database_(&database) {}

  sqlite_database* database_;  ///< null once committed or moved from
};

/// One connection to an SQLite file: WAL, synchronous=FULL, foreign keys checked, what is deleted
/// overwritten. Used by one thread at a time. It must not be moved while a transaction is open.
/// Errors: unavailable where the file or disk is at fault (busy, full, unreadable, read-only,
/// damaged), internal_bug otherwise; messages name the file.
class sqlite_database {
 public:
  /// Opens or creates the file and the folder above it. A call that finds the file locked by
  /// another connection waits for it as long as `busy_timeout`.
  static result<sqlite_database> open(
      const std::filesystem::path& file, milliseconds busy_timeout = milliseconds{5'000}
  );

  /// Compiles one statement.
  result<sqlite_statement> prepare(std::string_view sql);

  /// Runs one or more statements that take no parameters.
  void_result exec(const std::string& sql);

  /// Begins a transaction that holds the write lock from its start, so that it cannot fail halfway
  /// because another connection wrote in between.
  result<sqlite_transaction> begin();

  /// Begins a transaction that reads: all that is read in it is of one moment, and the file is
  /// locked once for it all.
  result<sqlite_transaction> begin_reading();

  /// The number of rows that the last INSERT, UPDATE or DELETE touched.
  [[nodiscard]] std::int64_t changes() const noexcept;

  /// Brings one schema up to date: the steps that are missing run in one transaction. Several
  /// schemas may live in one file, each under its own name. A file of a later version stays as it
  /// is; invalid_input where a program without that version's steps cannot work on it.
  void_result migrate(const schema_steps& schema);

 private:
  struct closer {
    void operator()(sqlite3* connection) const noexcept;
  };
  explicit sqlite_database(sqlite3* handle) : handle_(handle) {}
  void_result configure(milliseconds busy_timeout);
  result<stored_version> version_of(std::string_view schema);
  void_result note_version(const schema_steps& schema);
  result<sqlite_transaction> begin_with(const std::string& command);

  std::unique_ptr<milliseconds> busy_timeout_;  ///< the handle knows its address
  std::unique_ptr<sqlite3, closer> handle_;
};

/// Copies the write-ahead log of that file into it and empties the log. unavailable where another
/// connection does not let it in time.
void_result empty_write_ahead_log(const std::filesystem::path& file);

}  // namespace stayler::adapters
