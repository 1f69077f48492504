// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/encryption_keys.hpp"
#include "adapters/encryption/row_cipher.hpp"
#include "adapters/encryption/row_report.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "messages/base/result.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// How a schema's rows become encrypted that were written before there were keys.
struct first_encryption {
  /// Whether there are such rows. A query that answers with a row where there are.
  std::string_view any_rows;
  std::function<void_result(sqlite_database& database, const row_cipher& cipher)> encrypt_all;
};

/// The cipher for the rows of one schema of the file. The schema's key for pseudonyms lies in the
/// file, under the current encryption key; it is made, and rows that are there already are
/// encrypted, when a file is first opened with keys: all or nothing, and of what was there before
/// nothing is left in the file. Without keys: a cipher that is not set.
///
/// invalid_input where the keys do not fit the file: there are none, and its rows are encrypted; or
/// its rows are not, and the keys do not take what is plain. unavailable where the key that it was
/// last encrypted with is missing. internal_bug where the kept key was changed.
result<row_cipher> open_row_cipher(
    sqlite_database& database,
    std::string_view schema,
    const encryption_keys& keys,
    const first_encryption& first
);

/// A column of encrypted contents, and by what its rows are told apart. Texts that are SQL.
struct encrypted_column {
  std::string_view table;
  std::string_view key;      ///< a unique column
  std::string_view content;  ///< NULL or empty where a row has none
  std::string (*place_of)(std::string_view key);
};

/// Encrypts with the current key what is under an earlier one: the schema's key for pseudonyms,
/// then its columns, some rows at a time, beside a process that has the file open. Every content is
/// decrypted, and thereby checked. Nothing where the schema has no encrypted rows. `on_failure` is
/// told of each content that cannot be read, and stays as it is.
result<row_report> reencrypt_rows(
    sqlite_database& database,
    std::string_view schema,
    std::span<const encrypted_column> columns,
    const encryption_keys& keys,
    const std::function<void(const failure& why)>& on_failure
);

}  // namespace stayler::adapters
