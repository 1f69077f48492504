// SPDX-License-Identifier: MIT
#include "adapters/sqlite/sqlite_database.hpp"

#include <fmt/core.h>
#include <sqlite3.h>

#include <system_error>
#include <thread>
#include <utility>

namespace stayler::adapters {

namespace {

/// Whose fault it is: the surroundings', which another try may find mended, or the program's.
error_class class_of(int code) noexcept {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return error_class::unavailable;
    case SQLITE_FULL:
      return error_class::store_full;
    default:
      return error_class::internal_bug;
  }
}

failure to_failure(sqlite3* connection, int code) {
  const char* file = connection != nullptr ? sqlite3_db_filename(connection, "main") : nullptr;
  std::string message = "SQLite";
  if (file != nullptr && *file != '\0') {
    message += std::string{" "} + file;
  }
  // The connection's own message is about its latest call, which is the one that failed.
  const bool is_latest = connection != nullptr && sqlite3_extended_errcode(connection) == code;
  message += ": ";
  message += is_latest ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  message += " (code " + std::to_string(code) + ")";
  return {class_of(code), std::move(message)};
}

/// SQLite's own handler soon sleeps for 100 ms between its looks, and so never meets the short gaps
/// between the writes of a connection that is busy.
int look_again(void* timeout, int looks) {
  constexpr milliseconds pause{1};
  if (looks * pause >= *static_cast<const milliseconds*>(timeout)) {
    return 0;
  }
  std::this_thread::sleep_for(pause);
  return 1;
}

}  // namespace

void sqlite_statement::finalizer::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void sqlite_statement::begin_binding() noexcept {
  if (is_running_) {
    reset();
  }
}

void sqlite_statement::note(int code) noexcept {
  if (bind_error_ == SQLITE_OK) {
    bind_error_ = code;
  }
}

sqlite_statement& sqlite_statement::bind(int parameter, std::string_view text) {
  begin_binding();
  // A null pointer would bind NULL, and an empty view may hold one.
  const char* data = text.data() != nullptr ? text.data() : "";
  note(sqlite3_bind_text64(
      handle_.get(), parameter, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8
  ));
  return *this;
}

sqlite_statement& sqlite_statement::bind_int64(int parameter, std::int64_t number) {
  begin_binding();
  note(sqlite3_bind_int64(handle_.get(), parameter, number));
  return *this;
}

sqlite_statement& sqlite_statement::bind_blob(int parameter, std::span<const std::byte> bytes) {
  begin_binding();
  if (bytes.empty()) {
    note(sqlite3_bind_zeroblob(handle_.get(), parameter, 0));
  } else {
    note(sqlite3_bind_blob64(handle_.get(), parameter, bytes.data(), bytes.size(), SQLITE_TRANSIENT)
    );
  }
  return *this;
}

sqlite_statement& sqlite_statement::bind_null(int parameter) {
  begin_binding();
  note(sqlite3_bind_null(handle_.get(), parameter));
  return *this;
}

failure sqlite_statement::fail(int code) noexcept {
  // The message must be read before the reset, which replaces it.
  failure error = to_failure(sqlite3_db_handle(handle_.get()), code);
  reset();
  bind_error_ = SQLITE_OK;
  return error;
}

result<bool> sqlite_statement::step() {
  if (bind_error_ != SQLITE_OK) {
    return fail(bind_error_);
  }
  is_running_ = true;
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code != SQLITE_DONE) {
    return fail(code);
  }
  reset();
  return false;
}

void_result sqlite_statement::run() {
  return for_each([](const sqlite_statement&) {});
}

void sqlite_statement::reset() noexcept {
  // Its result repeats the error of the last step, which has been reported.
  static_cast<void>(sqlite3_reset(handle_.get()));
  is_running_ = false;
}

std::string_view sqlite_statement::text(int column) const noexcept {
  const unsigned char* data = sqlite3_column_text(handle_.get(), column);
  if (data == nullptr) {
    return {};
  }
  const int size = sqlite3_column_bytes(handle_.get(), column);
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

std::int64_t sqlite_statement::int64(int column) const noexcept {
  return sqlite3_column_int64(handle_.get(), column);
}

std::span<const std::byte> sqlite_statement::blob(int column) const noexcept {
  const void* data = sqlite3_column_blob(handle_.get(), column);
  const int size = sqlite3_column_bytes(handle_.get(), column);
  return {
      static_cast<const std::byte*>(data), data != nullptr ? static_cast<std::size_t>(size) : 0};
}

bool sqlite_statement::is_null(int column) const noexcept {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

bool sqlite_statement::is_text(int column) const noexcept {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_TEXT;
}

sqlite_transaction::sqlite_transaction(sqlite_transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

sqlite_transaction::~sqlite_transaction() {
  if (database_ != nullptr) {
    // SQLite may have rolled back by itself (disk full); then this fails, and all is well.
    static_cast<void>(database_->exec("ROLLBACK"));
  }
}

void_result sqlite_transaction::commit() {
  auto done = database_->exec("COMMIT");
  if (done) {
    database_ = nullptr;
  }
  return done;
}

void sqlite_database::closer::operator()(sqlite3* connection) const noexcept {
  sqlite3_close_v2(connection);
}

result<sqlite_database> sqlite_database::open(
    const std::filesystem::path& file, milliseconds busy_timeout
) {
  std::error_code folder_error;
  if (file.has_parent_path()) {
    std::filesystem::create_directories(file.parent_path(), folder_error);
  }
  if (folder_error) {
    return failure{
        error_class::unavailable,
        "cannot create " + file.parent_path().string() + ": " + folder_error.message()};
  }
  sqlite3* connection = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(file.c_str(), &connection, flags, nullptr);
  sqlite_database database{connection};
  if (code != SQLITE_OK) {
    failure error = to_failure(connection, code);
    error.message = "cannot open " + file.string() + ": " + error.message;
    return error;
  }
  if (auto configured = database.configure(busy_timeout); !configured) {
    return std::move(configured).error();
  }
  return database;
}

void_result sqlite_database::configure(milliseconds busy_timeout) {
  sqlite3_extended_result_codes(handle_.get(), 1);
  busy_timeout_ = std::make_unique<milliseconds>(busy_timeout);
  sqlite3_busy_handler(handle_.get(), look_again, busy_timeout_.get());
  auto statement = prepare("PRAGMA journal_mode=WAL");
  if (!statement) {
    return std::move(statement).error();
  }
  auto mode =
      statement->first([](const sqlite_statement& row) { return std::string{row.text(0)}; });
  if (!mode) {
    return std::move(mode).error();
  }
  if (*mode != "wal") {
    return failure{
        error_class::unavailable, std::string{"SQLite "}
                                      + sqlite3_db_filename(handle_.get(), "main")
                                      + ": the file system does not support write-ahead logging"};
  }
  return exec("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON");
}

result<sqlite_statement> sqlite_database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(
      handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
      &statement, nullptr
  );
  if (code != SQLITE_OK) {
    return to_failure(handle_.get(), code);
  }
  return sqlite_statement{statement};
}

void_result sqlite_database::exec(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    return to_failure(handle_.get(), code);
  }
  return ok();
}

result<sqlite_transaction> sqlite_database::begin() {
  return begin_with("BEGIN IMMEDIATE");
}

result<sqlite_transaction> sqlite_database::begin_reading() {
  return begin_with("BEGIN");
}

result<sqlite_transaction> sqlite_database::begin_with(const std::string& command) {
  if (auto begun = exec(command); !begun) {
    return std::move(begun).error();
  }
  return sqlite_transaction{*this};
}

std::int64_t sqlite_database::changes() const noexcept {
  return sqlite3_changes64(handle_.get());
}

result<stored_version> sqlite_database::version_of(std::string_view schema) {
  auto statement = prepare(
      "SELECT version, coalesce((SELECT version FROM schema_versions WHERE schema = ?2), version)"
      " FROM schema_versions WHERE schema = ?1"
  );
  if (!statement) {
    return std::move(statement).error();
  }
  const auto found = statement->bind(1, schema)
                         .bind(2, name_of_reader(schema))
                         .first([](const sqlite_statement& row) {
                           return stored_version{row.int64(0), row.int64(1)};
                         });
  if (!found) {
    return found.error();
  }
  return found->value_or(stored_version{});
}

void_result sqlite_database::note_version(const schema_steps& schema) {
  auto statement = prepare("INSERT OR REPLACE INTO schema_versions VALUES (?1, ?2), (?3, ?4)");
  if (!statement) {
    return std::move(statement).error();
  }
  return statement->bind(1, schema.name)
      .bind(2, schema.version())
      .bind(3, name_of_reader(schema.name))
      .bind(4, schema.oldest_reader())
      .run();
}

void_result sqlite_database::migrate(const schema_steps& schema) {
  // Not PRAGMA user_version: that is one number for the whole file.
  auto transaction = begin();
  if (!transaction) {
    return std::move(transaction).error();
  }
  auto done = exec(
      "CREATE TABLE IF NOT EXISTS schema_versions ("
      "schema TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID"
  );
  if (!done) {
    return done;
  }
  const auto found = version_of(schema.name);
  if (!found) {
    return found.error();
  }
  if (found->version > schema.version()) {
    const std::string place = fmt::format(
        "SQLite {}: schema \"{}\"", sqlite3_db_filename(handle_.get(), "main"), schema.name
    );
    return check_reader(place, *found, schema.version());
  }
  for (auto i = static_cast<std::size_t>(found->version); i < schema.steps.size(); ++i) {
    if (done = exec(std::string{schema.steps[i]}); !done) {
      return done;
    }
  }
  if (done = note_version(schema); !done) {
    return done;
  }
  return transaction->commit();
}

void_result empty_write_ahead_log(const std::filesystem::path& file) {
  auto database = sqlite_database::open(file);
  if (!database) {
    return std::move(database).error();
  }
  auto checkpoint = database->prepare("PRAGMA wal_checkpoint(TRUNCATE)");
  if (!checkpoint) {
    return std::move(checkpoint).error();
  }
  const auto is_blocked =
      checkpoint->first([](const sqlite_statement& row) { return row.int64(0) != 0; });
  if (!is_blocked) {
    return is_blocked.error();
  }
  return is_blocked->value_or(true)
             ? failure{error_class::unavailable, "SQLite " + file.string() + ": its log is in use"}
             : ok();
}

}  // namespace stayler::adapters
