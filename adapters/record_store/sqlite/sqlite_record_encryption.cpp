// SPDX-License-Identifier: MIT

// The first opening of the records with keys: what is there becomes encrypted.

#include "adapters/record_store/sqlite/sqlite_record_rows.hpp"
#include "adapters/record_store/sqlite/sqlite_record_schema.hpp"
#include "adapters/record_store/sqlite/sqlite_user_records.hpp"

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

constexpr std::string_view any_plain_record =
    "SELECT 1 FROM images UNION ALL SELECT 1 FROM conversions UNION ALL SELECT 1 FROM spending"
    " UNION ALL SELECT 1 FROM erasures LIMIT 1";

const sqlite_record_rows& plain_rows() {
  static const sqlite_record_rows rows{row_cipher{}};
  return rows;
}

/// Up to 500 records that are not encrypted yet.
template <class Read>
auto read_plain_records(sqlite_database& database, const std::string& sql, Read read)
    -> result<std::vector<std::invoke_result_t<Read&, const sqlite_statement&>>> {
  auto find = database.prepare(sql + " LIMIT 500");
  if (!find) {
    return std::move(find).error();
  }
  std::vector<std::invoke_result_t<Read&, const sqlite_statement&>> records;
  const auto done =
      find->for_each([&](const sqlite_statement& row) { records.push_back(read(row)); });
  if (!done) {
    return done.error();
  }
  return records;
}

void_result encrypt_images(sqlite_database& database, const sqlite_record_rows& rows) {
  auto write = database.prepare(sqlite_record_rows::write_image_sql());
  if (!write) {
    return std::move(write).error();
  }
  const std::string find =
      "SELECT" + std::string{sqlite_image_columns} + " FROM images WHERE data IS NULL";
  for (;;) {
    const auto some = read_plain_records(database, find, [](const sqlite_statement& row) {
      return plain_rows().read_image(row).value();
    });
    if (!some || some->empty()) {
      return some ? ok() : void_result{some.error()};
    }
    for (const image_record& image : *some) {
      rows.bind_image(*write, image);
      if (auto written = write->run(); !written) {
        return written;
      }
    }
  }
}

void_result encrypt_conversions(sqlite_database& database, const sqlite_record_rows& rows) {
  auto write = database.prepare(sqlite_record_rows::write_conversion_sql());
  auto remove = database.prepare("DELETE FROM conversions WHERE id = ?1");
  if (!write || !remove) {
    return write ? std::move(remove).error() : std::move(write).error();
  }
  const std::string find =
      "SELECT" + std::string{sqlite_conversion_columns} + " FROM conversions WHERE data IS NULL";
  for (;;) {
    const auto some = read_plain_records(database, find, [](const sqlite_statement& row) {
      return plain_rows().read_conversion(row).value();
    });
    if (!some || some->empty()) {
      return some ? ok() : void_result{some.error()};
    }
    for (const conversion_record& record : *some) {
      rows.bind_conversion(*write, record);
      auto done = remove->bind(1, record.last.conversion_id).run();
      if (done = done ? write->run() : std::move(done); !done) {
        return done;
      }
    }
  }
}

/// They have no content of their own: only the user is replaced.
void_result encrypt_spending(sqlite_database& database, const sqlite_record_rows& rows) {
  auto find = database.prepare("SELECT DISTINCT user_id FROM spending");
  auto write = database.prepare("UPDATE spending SET user_id = ?2 WHERE user_id = ?1");
  if (!find || !write) {
    return find ? std::move(write).error() : std::move(find).error();
  }
  std::vector<std::string> users;
  const auto done =
      find->for_each([&](const sqlite_statement& row) { users.emplace_back(row.text(0)); });
  if (!done) {
    return done.error();
  }
  for (const std::string& user : users) {
    if (auto written = write->bind(1, user).bind(2, rows.user(user)).run(); !written) {
      return written;
    }
  }
  return ok();
}

void_result encrypt_erasures(sqlite_database& database, const sqlite_record_rows& rows) {
  sqlite_user_records plain{database, plain_rows()};
  const auto all = plain.all_erasures();
  if (!all) {
    return all.error();
  }
  sqlite_user_records encrypted{database, rows};
  for (const erasure& each : *all) {
    if (auto saved = encrypted.save_erasure(each); !saved) {
      return saved;
    }
  }
  return ok();
}

void_result encrypt_records(sqlite_database& database, const row_cipher& cipher) {
  const sqlite_record_rows rows{cipher};
  for (auto* const encrypt_some :
       {encrypt_images, encrypt_conversions, encrypt_spending, encrypt_erasures}) {
    if (auto done = encrypt_some(database, rows); !done) {
      return done;
    }
  }
  return ok();
}

}  // namespace

result<sqlite_record_rows> open_sqlite_record_rows(
    sqlite_database& database, const encryption_keys& keys
) {
  auto cipher =
      open_row_cipher(database, sqlite_records_schema, keys, {any_plain_record, encrypt_records});
  if (!cipher) {
    return std::move(cipher).error();
  }
  return sqlite_record_rows{*std::move(cipher)};
}

}  // namespace stayler::adapters
