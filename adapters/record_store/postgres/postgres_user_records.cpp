// SPDX-License-Identifier: MIT
#include "adapters/record_store/postgres/postgres_user_records.hpp"

#include "adapters/record_store/postgres/postgres_record_rows.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

const std::string conversions_of_sql =
    "SELECT id::text, user_id::text, user_image_id, cloth_image_id, status, result_image_id,"
    " error_message, processing_time_ms, "
    + millis_of("updated_at")
    + " FROM conversions WHERE user_id = $1 AND id::text > $2 ORDER BY id::text LIMIT $3";

const std::string clear_conversions_sql =
    "WITH chosen AS (SELECT id FROM conversions WHERE user_id = $1"
    " AND (result_image_id IS NOT NULL OR error_message IS NOT NULL) LIMIT $2),"
    " cleared AS (UPDATE conversions SET result_image_id = NULL, error_message = NULL"
    " WHERE id IN (SELECT id FROM chosen) RETURNING id)"
    " SELECT count(*) FROM cleared";

const std::string erase_spending_sql =
    "WITH gone AS (DELETE FROM stayler_spending WHERE user_id = $1 RETURNING 1)"
    " SELECT count(*) FROM gone";

const std::string save_erasure_sql =
    "INSERT INTO stayler_erasures (id, user_id, user_tag, requested_at, updated_at, ended_at, jobs,"
    " images, conversions, notifications, cached_pictures, spending, error)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    " ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id,"
    " updated_at = excluded.updated_at, ended_at = excluded.ended_at, jobs = excluded.jobs,"
    " images = excluded.images, conversions = excluded.conversions,"
    " notifications = excluded.notifications, cached_pictures = excluded.cached_pictures,"
    " spending = excluded.spending, error = excluded.error";

const std::string select_erasures_sql =
    "SELECT id, user_id, user_tag, " + millis_of("requested_at") + ", " + millis_of("updated_at")
    + ", coalesce(" + millis_of("ended_at")
    + ", 0), jobs, images, conversions, notifications, cached_pictures, spending, error"
      " FROM stayler_erasures WHERE ";

erasure read_postgres_erasure(const postgres_rows& rows, std::size_t row) {
  const auto number = [&](int column) {
    return static_cast<std::uint64_t>(rows.number(row, column));
  };
  erasure read;
  read.id = parse_uuid(rows.text(row, 0)).value_or(uuid{});
  read.user_id = rows.text(row, 1);
  read.user_tag = rows.text(row, 2);
  read.requested_at = rows.time(row, 3);
  read.updated_at = rows.time(row, 4);
  read.ended_at = rows.time(row, 5);
  read.erased = {number(6), number(7), number(8), number(9), number(10), number(11)};
  read.error = rows.text(row, 12);
  return read;
}

result<std::vector<erasure>> read_erasures(const result<postgres_rows>& rows) {
  if (!rows) {
    return rows.error();
  }
  std::vector<erasure> all;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    all.push_back(read_postgres_erasure(*rows, row));
  }
  return all;
}

/// A user's id that the application's type cannot even spell has no rows.
bool is_no_id(const result<postgres_rows>& answer) {
  return !answer && answer.error().kind == error_class::invalid_input;
}

}  // namespace

result<std::vector<conversion_update>> conversions_of_in(
    postgres_database& database,
    const std::string& user_id,
    const std::string& after,
    std::uint32_t limit
) {
  std::vector<conversion_update> all;
  const auto rows = database.query(conversions_of_sql, {user_id, after, to_postgres(limit)});
  if (is_no_id(rows)) {
    return all;
  }
  if (!rows) {
    return rows.error();
  }
  for (std::size_t row = 0; row < rows->size(); ++row) {
    conversion_update read;
    read.conversion_id = rows->text(row, 0);
    read.user_id = rows->text(row, 1);
    read.user_image_id = rows->text(row, 2);
    read.cloth_image_id = rows->text(row, 3);
    read.status = parse_job_status(rows->text(row, 4)).value_or(job_status::pending);
    read.result_image_id = rows->text(row, 5);
    read.error_message = rows->text(row, 6);
    read.processing_time = milliseconds{rows->number(row, 7)};
    read.at = rows->time(row, 8);
    all.push_back(std::move(read));
  }
  return all;
}

result<std::uint64_t> clear_conversions_of_in(
    postgres_database& database, const std::string& user_id, std::uint32_t limit
) {
  const auto cleared = database.query(clear_conversions_sql, {user_id, to_postgres(limit)});
  if (is_no_id(cleared)) {
    return std::uint64_t{0};
  }
  return cleared ? result<std::uint64_t>{static_cast<std::uint64_t>(cleared->number(0, 0))}
                 : cleared.error();
}

result<std::uint64_t> erase_spending_of_in(
    postgres_database& database, const std::string& user_id
) {
  const auto gone = database.query(erase_spending_sql, {user_id});
  return gone ? result<std::uint64_t>{static_cast<std::uint64_t>(gone->number(0, 0))}
              : gone.error();
}

void_result save_erasure_in(postgres_database& database, const erasure& changed) {
  const auto& erased = changed.erased;
  return without_rows(database.query(
      save_erasure_sql,
      {to_string(changed.id), changed.user_id, changed.user_tag, to_postgres(changed.requested_at),
       to_postgres(changed.updated_at),
       changed.is_done() ? to_postgres(changed.ended_at) : postgres_value{},
       to_postgres(erased.jobs), to_postgres(erased.images), to_postgres(erased.conversions),
       to_postgres(erased.notifications), to_postgres(erased.cached_pictures),
       to_postgres(erased.spending), changed.error}
  ));
}

result<erasure> find_erasure_in(postgres_database& database, const uuid& id) {
  auto found = read_erasures(database.query(select_erasures_sql + "id = $1", {to_string(id)}));
  if (!found) {
    return std::move(found).error();
  }
  return found->empty() ? result<erasure>{failure{error_class::not_found, "no such erasure"}}
                        : found->front();
}

result<std::vector<erasure>> open_erasures_in(postgres_database& database) {
  return read_erasures(
      database.query(select_erasures_sql + "ended_at IS NULL ORDER BY requested_at")
  );
}

}  // namespace stayler::adapters
