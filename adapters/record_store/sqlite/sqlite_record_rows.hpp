// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/row_cipher.hpp"
#include "adapters/record_store/record_store.hpp"
#include "adapters/sqlite/encrypted_rows.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "messages/base/result.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace stayler::adapters {

/// What read_image() reads of a row.
inline constexpr std::string_view sqlite_image_columns =
    " id, user_id, type, file_name, original_url, thumbnail_url, file_size, mime_type, width,"
    " height, checksum, created_at, data";

/// What read_conversion() reads of a row.
inline constexpr std::string_view sqlite_conversion_columns =
    " user_id, user_image_id, cloth_image_id, status, result_image_id, error_message,"
    " processing_time_ms, created_at, updated_at, completed_at, job_id, token, data, id";

/// How records become rows, and rows records. Where rows are encrypted, all of a record is in the
/// column `data`, for its id; of the other columns only those have a value by which rows are found
/// or go: ids of users and of conversions as pseudonyms, in the clear an image's own id, type, blob
/// keys and time, and times of conversions. All else is empty.
class sqlite_record_rows {
 public:
  /// As open_sqlite_record_rows() has it.
  explicit sqlite_record_rows(row_cipher cipher) : cipher_(std::move(cipher)) {}

  [[nodiscard]] std::string user(std::string_view id) const;
  [[nodiscard]] std::string conversion(std::string_view id) const;

  /// Stands for a user who cannot be read. No user has such an id (messages/jobs/user_id.hpp).
  static constexpr std::string_view nobody = "\n";

  /// The user in a row; nobody where that was changed from outside.
  [[nodiscard]] std::string user_in_row(std::string_view user) const;

  // Binds what the statements below take. They are run by the caller.
  static std::string_view write_image_sql();
  static std::string_view write_conversion_sql();
  void bind_image(sqlite_statement& statement, const image_record& image) const;
  void bind_conversion(sqlite_statement& statement, const conversion_record& record) const;

  // internal_bug where a row was changed from outside; unavailable where its key is missing.
  [[nodiscard]] result<image_record> read_image(const sqlite_statement& row) const;
  [[nodiscard]] result<conversion_record> read_conversion(const sqlite_statement& row) const;

  /// What is known of an image whose row cannot be read: enough to remove it.
  [[nodiscard]] image_record outline_of_image(const sqlite_statement& row) const;

  /// A text that is kept for that erasure, and back. One that cannot be read says so.
  [[nodiscard]] std::string hidden(const std::string& erasure_id, const std::string& text) const;
  [[nodiscard]] std::string shown(const std::string& erasure_id, std::string_view stored) const;

 private:
  row_cipher cipher_;
};

/// The rows of a database that has the records' tables: see open_row_cipher().
result<sqlite_record_rows> open_sqlite_record_rows(
    sqlite_database& database, const encryption_keys& keys
);

/// What --rekey has to encrypt anew.
extern const std::array<encrypted_column, 3> encrypted_record_columns;

}  // namespace stayler::adapters
