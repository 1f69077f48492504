// SPDX-License-Identifier: MIT
#include "adapters/record_store/sqlite/sqlite_user_records.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::string_view erasure_columns =
    "id, user_id, user_tag, requested_at, updated_at, ended_at, jobs, images, conversions,"
    " notifications, cached_pictures, spending, error";

/// What `read` makes of each row of the statement, with the parameters that `bind` gives it.
template <class Bind, class Read>
auto read_all(sqlite_database& database, const std::string& sql, Bind bind, Read read)
    -> result<std::vector<std::invoke_result_t<Read&, const sqlite_statement&>>> {
  auto statement = database.prepare(sql);
  if (!statement) {
    return std::move(statement).error();
  }
  bind(*statement);
  std::vector<std::invoke_result_t<Read&, const sqlite_statement&>> rows;
  const auto done =
      statement->for_each([&](const sqlite_statement& row) { rows.push_back(read(row)); });
  if (!done) {
    return done.error();
  }
  return rows;
}

/// How many rows the statement has changed.
template <class Bind>
result<std::uint64_t> change_rows(sqlite_database& database, const std::string& sql, Bind bind) {
  auto statement = database.prepare(sql);
  if (!statement) {
    return std::move(statement).error();
  }
  bind(*statement);
  if (const auto done = statement->run(); !done) {
    return done.error();
  }
  return static_cast<std::uint64_t>(database.changes());
}

conversion_update read_user_conversion(const sqlite_statement& row) {
  conversion_update read;
  read.conversion_id = row.text(0);
  read.user_id = row.text(1);
  read.user_image_id = row.text(2);
  read.cloth_image_id = row.text(3);
  read.status = parse_job_status(row.text(4)).value_or(job_status::pending);
  read.result_image_id = row.text(5);
  read.error_message = row.text(6);
  read.processing_time = milliseconds{row.int64(7)};
  read.at = row.time(8);
  read.attempt.job = parse_job_id(row.text(9)).value_or(job_id{});
  return read;
}

erasure read_erasure(const sqlite_statement& row) {
  const auto number = [&row](int column) { return static_cast<std::uint64_t>(row.int64(column)); };
  erasure read;
  read.id = parse_uuid(row.text(0)).value_or(uuid{});
  read.user_id = row.text(1);
  read.user_tag = row.text(2);
  read.requested_at = row.time(3);
  read.updated_at = row.time(4);
  read.ended_at = row.time(5);
  read.erased = {number(6), number(7), number(8), number(9), number(10), number(11)};
  read.error = row.text(12);
  return read;
}

}  // namespace

image_record read_sqlite_image(const sqlite_statement& row) {
  image_record image;
  image.id = row.text(0);
  image.user_id = row.text(1);
  image.type = row.text(2);
  image.file_name = row.text(3);
  image.blob_key = row.text(4);
  image.thumbnail_key = row.text(5);
  image.bytes = static_cast<std::uint64_t>(row.int64(6));
  image.mime_type = row.text(7);
  image.width = static_cast<std::uint32_t>(row.int64(8));
  image.height = static_cast<std::uint32_t>(row.int64(9));
  image.checksum = row.text(10);
  image.created_at = row.time(11);
  return image;
}

result<std::vector<image_record>> sqlite_user_records::images_of(
    const std::string& user_id, const std::string& after, std::uint32_t limit
) {
  const auto bind = [&](sqlite_statement& to) {
    to.bind(1, user_id).bind(2, after).bind(3, limit);
  };
  return read_all(
      database_,
      "SELECT" + std::string{sqlite_image_columns}
          + " FROM images WHERE user_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
      bind, read_sqlite_image
  );
}

result<std::vector<conversion_update>> sqlite_user_records::conversions_of(
    const std::string& user_id, const std::string& after, std::uint32_t limit
) {
  const auto bind = [&](sqlite_statement& to) {
    to.bind(1, user_id).bind(2, after).bind(3, limit);
  };
  return read_all(
      database_,
      "SELECT id, user_id, user_image_id, cloth_image_id, status, result_image_id, error_message,"
      " processing_time_ms, updated_at, job_id FROM conversions"
      " WHERE user_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
      bind, read_user_conversion
  );
}

result<std::uint64_t> sqlite_user_records::erase_conversions_of(
    const std::string& user_id, std::uint32_t limit
) {
  return change_rows(
      database_,
      "DELETE FROM conversions WHERE id IN"
      " (SELECT id FROM conversions WHERE user_id = ?1 LIMIT ?2)",
      [&](sqlite_statement& to) { to.bind(1, user_id).bind(2, limit); }
  );
}

result<std::uint64_t> sqlite_user_records::erase_spending_of(const std::string& user_id) {
  return change_rows(
      database_, "DELETE FROM spending WHERE user_id = ?1",
      [&](sqlite_statement& to) { to.bind(1, user_id); }
  );
}

result<std::vector<image_record>> sqlite_user_records::images_before(
    const std::string& type, timestamp before, std::uint32_t limit
) {
  const auto bind = [&](sqlite_statement& to) { to.bind(1, type).bind(2, before).bind(3, limit); };
  return read_all(
      database_,
      "SELECT" + std::string{sqlite_image_columns}
          + " FROM images WHERE type = ?1 AND created_at < ?2 ORDER BY created_at LIMIT ?3",
      bind, read_sqlite_image
  );
}

result<std::uint64_t> sqlite_user_records::erase_conversions_before(
    timestamp before, std::uint32_t limit
) {
  return change_rows(
      database_,
      "DELETE FROM conversions WHERE id IN (SELECT id FROM conversions"
      " WHERE completed_at IS NOT NULL AND completed_at < ?1 LIMIT ?2)",
      [&](sqlite_statement& to) { to.bind(1, before).bind(2, limit); }
  );
}

void_result sqlite_user_records::save_erasure(const erasure& changed) {
  const auto& erased = changed.erased;
  auto saved = change_rows(
      database_,
      "INSERT OR REPLACE INTO erasures (" + std::string{erasure_columns}
          + ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
      [&](sqlite_statement& to) {
        to.bind(1, to_string(changed.id)).bind(2, changed.user_id).bind(3, changed.user_tag);
        to.bind(4, changed.requested_at).bind(5, changed.updated_at).bind(6, changed.ended_at);
        to.bind(7, erased.jobs).bind(8, erased.images).bind(9, erased.conversions);
        to.bind(10, erased.notifications).bind(11, erased.cached_pictures);
        to.bind(12, erased.spending).bind(13, changed.error);
      }
  );
  return saved ? ok() : void_result{std::move(saved).error()};
}

result<erasure> sqlite_user_records::find_erasure(const uuid& id) {
  auto found = read_all(
      database_, "SELECT " + std::string{erasure_columns} + " FROM erasures WHERE id = ?1",
      [&](sqlite_statement& to) { to.bind(1, to_string(id)); }, read_erasure
  );
  if (!found) {
    return std::move(found).error();
  }
  return found->empty() ? result<erasure>{failure{error_class::not_found, "no such erasure"}}
                        : found->front();
}

result<std::vector<erasure>> sqlite_user_records::open_erasures() {
  return read_all(
      database_,
      "SELECT " + std::string{erasure_columns}
          + " FROM erasures WHERE ended_at = 0 ORDER BY requested_at",
      [](sqlite_statement&) {}, read_erasure
  );
}

}  // namespace stayler::adapters
