// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/row_cipher.hpp"
#include "adapters/sqlite/encrypted_rows.hpp"
#include "messages/base/result.hpp"

#include <array>
#include <string>
#include <string_view>

// What of a job is encrypted in SQLite: its content as a whole, for its id; user, conversion and
// idempotency key, by which jobs are found, are pseudonyms. In the clear stay the job's id, state,
// priority, type and times.
namespace stayler::adapters::sqlite_jobs {

// The kinds of pseudonyms.
inline constexpr std::string_view user_kind = "user";
inline constexpr std::string_view conversion_kind = "conversion";
inline constexpr std::string_view key_kind = "idempotency key";

/// The cipher of a database that has the jobs' tables: see open_row_cipher().
result<row_cipher> open_cipher(sqlite_database& database, const encryption_keys& keys);

/// What a job's content is encrypted for, by the id in its row.
std::string place_in_row(std::string_view id);

/// What --rekey has to encrypt anew.
inline constexpr std::array<encrypted_column, 1> encrypted_columns{
    encrypted_column{"jobs", "id", "data", place_in_row}};

}  // namespace stayler::adapters::sqlite_jobs
