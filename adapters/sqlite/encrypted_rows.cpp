// SPDX-License-Identifier: MIT
#include "adapters/sqlite/encrypted_rows.hpp"

#include <fmt/core.h>

#include <optional>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

constexpr int rows_per_transaction = 200;

std::string read_kept(const sqlite_statement& row, int column) {
  const auto bytes = row.blob(column);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The schema's key as it is kept; nothing where it has none.
result<std::optional<std::string>> read_pseudonym_key(
    sqlite_database& database, std::string_view schema
) {
  const auto made = database.exec(
      "CREATE TABLE IF NOT EXISTS row_encryption"
      " (schema TEXT PRIMARY KEY, pseudonym_key BLOB NOT NULL) WITHOUT ROWID"
  );
  if (!made) {
    return made.error();
  }
  auto found = database.prepare("SELECT pseudonym_key FROM row_encryption WHERE schema = ?1");
  if (!found) {
    return std::move(found).error();
  }
  return found->bind(1, schema).first([](const sqlite_statement& row) { return read_kept(row, 0); }
  );
}

void_result write_pseudonym_key(
    sqlite_database& database, std::string_view schema, const std::string& wrapped
) {
  auto write = database.prepare("INSERT OR REPLACE INTO row_encryption VALUES (?1, ?2)");
  return write ? write->bind(1, schema).bind_blob(2, std::as_bytes(std::span{wrapped})).run()
               : write.error();
}

result<bool> has_rows(sqlite_database& database, std::string_view query) {
  auto any = database.prepare(query);
  if (!any) {
    return std::move(any).error();
  }
  const auto found = any->first([](const sqlite_statement&) { return true; });
  return found ? result<bool>{found->has_value()} : found.error();
}

failure keys_are_missing(std::string_view schema) {
  return {
      error_class::invalid_input,
      fmt::format(
          "WORKER_ENCRYPTION_KEYS is not set, but what is stored is encrypted ({})", schema
      )};
}

failure plain_is_not_taken(std::string_view schema) {
  return {
      error_class::invalid_input,
      fmt::format(
          "WORKER_ENCRYPTION_KEYS: what is stored is not encrypted ({}); with \"plain\" at the end "
          "of the list it is encrypted at the start",
          schema
      )};
}

/// The first opening with keys. Returns whether there were rows.
result<bool> begin_encryption(
    sqlite_database& database,
    std::string_view schema,
    const encryption_keys& keys,
    const first_encryption& first,
    const row_cipher& cipher,
    const pseudonym_key& key
) {
  auto is_filled = has_rows(database, first.any_rows);
  if (!is_filled) {
    return is_filled;
  }
  if (*is_filled && !keys.take_plain()) {
    return plain_is_not_taken(schema);
  }
  if (auto done = first.encrypt_all(database, cipher); !done) {
    return std::move(done).error();
  }
  auto written = write_pseudonym_key(database, schema, wrap_pseudonym_key(keys, key));
  return written ? result<bool>{*is_filled} : std::move(written).error();
}

/// What was there before it is in free pages and in the log.
void_result forget_former_rows(sqlite_database& database) {
  auto rewritten = database.exec("VACUUM");
  return rewritten ? database.exec("PRAGMA wal_checkpoint(TRUNCATE)") : rewritten;
}

class row_reencryption {
 public:
  row_reencryption(
      sqlite_database& database,
      const row_cipher& cipher,
      const std::function<void(const failure& why)>& on_failure
  )
      : database_(database), cipher_(cipher), on_failure_(on_failure) {}

  void_result run(const encrypted_column& column) {
    auto find = database_.prepare(fmt::format(
        "SELECT {0}, {1} FROM {2} WHERE (?1 IS NULL OR {0} > ?1) AND length({1}) > 0 ORDER BY {0}"
        " LIMIT {3}",
        column.key, column.content, column.table, rows_per_transaction
    ));
    auto write = database_.prepare(fmt::format(
        "UPDATE {2} SET {1} = ?2 WHERE {0} = ?1", column.key, column.content, column.table
    ));
    if (!find || !write) {
      return find ? std::move(write).error() : std::move(find).error();
    }
    for (find->bind_null(1);;) {
      auto transaction = database_.begin();
      if (!transaction) {
        return transaction.error();
      }
      const auto rows = read_some(*find);
      if (!rows) {
        return rows.error();
      }
      for (const row& each : *rows) {
        if (auto done = look_at(column, *write, each); !done) {
          return done;
        }
      }
      if (auto committed = transaction->commit(); !committed || rows->empty()) {
        return committed;
      }
      bind_key(*find, rows->back());
    }
  }

  [[nodiscard]] const row_report& report() const { return report_; }

 private:
  struct row {
    std::string key;
    bool is_text = false;
    std::string content;
  };

  static result<std::vector<row>> read_some(sqlite_statement& find) {
    std::vector<row> rows;
    const auto done = find.for_each([&](const sqlite_statement& at) {
      rows.push_back({read_kept(at, 0), at.is_text(0), read_kept(at, 1)});
    });
    return done ? result<std::vector<row>>{std::move(rows)} : done.error();
  }

  /// SQLite tells a text from a blob of the same bytes.
  static void bind_key(sqlite_statement& statement, const row& of) {
    of.is_text ? statement.bind(1, of.key)
               : statement.bind_blob(1, std::as_bytes(std::span{of.key}));
  }

  void_result look_at(const encrypted_column& column, sqlite_statement& write, const row& each) {
    ++report_.seen;
    const std::string place = column.place_of(each.key);
    const auto content = cipher_.decrypt(place, each.content);
    if (!content) {
      ++report_.failed;
      on_failure_(content.error());
      return ok();
    }
    if (cipher_.is_current(each.content)) {
      return ok();
    }
    ++report_.encrypted;
    const std::string anew = cipher_.encrypt(place, *content);
    bind_key(write, each);
    return write.bind_blob(2, std::as_bytes(std::span{anew})).run();
  }

  sqlite_database& database_;
  const row_cipher& cipher_;
  const std::function<void(const failure& why)>& on_failure_;
  row_report report_;
};

}  // namespace

result<row_cipher> open_row_cipher(
    sqlite_database& database,
    std::string_view schema,
    const encryption_keys& keys,
    const first_encryption& first
) {
  auto transaction = database.begin();
  if (!transaction) {
    return std::move(transaction).error();
  }
  const auto kept = read_pseudonym_key(database, schema);
  if (!kept) {
    return kept.error();
  }
  if (!keys.are_set()) {
    return *kept ? result<row_cipher>{keys_are_missing(schema)} : row_cipher{};
  }
  const auto key = *kept ? unwrap_pseudonym_key(keys, **kept) : make_pseudonym_key();
  if (!key) {
    return key.error();
  }
  row_cipher cipher{keys, *key};
  if (*kept) {
    return cipher;
  }
  const auto begun = begin_encryption(database, schema, keys, first, cipher, *key);
  if (!begun) {
    return begun.error();
  }
  if (auto committed = transaction->commit(); !committed) {
    return std::move(committed).error();
  }
  if (auto forgotten = *begun ? forget_former_rows(database) : ok(); !forgotten) {
    return std::move(forgotten).error();
  }
  return cipher;
}

result<row_report> reencrypt_rows(
    sqlite_database& database,
    std::string_view schema,
    std::span<const encrypted_column> columns,
    const encryption_keys& keys,
    const std::function<void(const failure& why)>& on_failure
) {
  const auto kept = read_pseudonym_key(database, schema);
  if (!kept) {
    return kept.error();
  }
  if (!*kept) {
    return row_report{};
  }
  const auto key = unwrap_pseudonym_key(keys, **kept);
  if (!key) {
    return key.error();
  }
  if (auto written = write_pseudonym_key(database, schema, wrap_pseudonym_key(keys, *key));
      !written) {
    return std::move(written).error();
  }
  const row_cipher cipher{keys, *key};
  row_reencryption work{database, cipher, on_failure};
  for (const encrypted_column& column : columns) {
    if (auto done = work.run(column); !done) {
      return std::move(done).error();
    }
  }
  return work.report();
}

}  // namespace stayler::adapters
