// SPDX-License-Identifier: MIT
#include "adapters/record_store/postgres/postgres_conversions.hpp"

#include "adapters/record_store/conversion_rule.hpp"
#include "adapters/record_store/postgres/postgres_record_rows.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <utility>

namespace stayler::adapters {

namespace {

// NO KEY: rows that refer to the conversion can be written meanwhile. Users are compared by the
// column's type: a uuid has several spellings.
const std::string lock_conversion_sql =
    "SELECT id::text, status, result_image_id, error_message, user_id <> $2 FROM conversions"
    " WHERE id = $1 FOR NO KEY UPDATE";

const std::string select_lease_sql =
    "SELECT job_id, token FROM stayler_conversion_leases WHERE conversion_id = $1";

const std::string insert_conversion_sql =
    "INSERT INTO conversions (id, user_id, user_image_id, cloth_image_id, status, result_image_id,"
    " error_message, processing_time_ms, updated_at, completed_at, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING"
    " RETURNING id::text";

const std::string update_conversion_sql =
    "UPDATE conversions SET user_id = $2, user_image_id = $3, cloth_image_id = $4, status = $5,"
    " result_image_id = $6, error_message = $7, processing_time_ms = $8, updated_at = $9,"
    " completed_at = $10 WHERE id = $1";

const std::string write_lease_sql =
    "INSERT INTO stayler_conversion_leases (conversion_id, job_id, token) VALUES ($1, $2, $3)"
    " ON CONFLICT (conversion_id) DO UPDATE SET job_id = excluded.job_id, token = excluded.token";

const std::string postgres_select_conversion_sql =
    "SELECT c.user_id, c.user_image_id, c.cloth_image_id, c.status, c.result_image_id,"
    " c.error_message, c.processing_time_ms, "
    + millis_of("c.created_at") + ", " + millis_of("c.updated_at") + ", "
    + millis_of("c.completed_at")
    + ", l.job_id, l.token FROM conversions c"
      " LEFT JOIN stayler_conversion_leases l ON l.conversion_id = c.id::text WHERE c.id = $1";

attempt_id read_attempt(const postgres_rows& rows, int job_column) {
  return {
      parse_job_id(rows.text(0, job_column)).value_or(job_id{}),
      static_cast<fencing_token>(rows.number(0, job_column + 1))};
}

/// The application may know states that we do not; such a conversion is not ours to call final.
job_status read_status(const std::string& name) {
  return parse_job_status(name).value_or(job_status::pending);
}

/// A conversion whose row this transaction has locked.
struct locked_conversion {
  std::string id;  ///< as the application's type spells it
  recorded_state state;
};

/// The row's lock comes first: the lease is read when nobody else can change it any more. A join
/// would give the lease as it was before the wait.
result<std::optional<locked_conversion>> lock_conversion(
    postgres_connection& on, const conversion_update& update
) {
  const auto row = on.execute(lock_conversion_sql, {update.conversion_id, update.user_id});
  if (!row) {
    return row.error();
  }
  if (row->size() == 0) {
    return std::optional<locked_conversion>{};
  }
  const auto lease = on.execute(select_lease_sql, {row->text(0, 0)});
  if (!lease) {
    return lease.error();
  }
  const attempt_id attempt = lease->size() == 0 ? attempt_id{} : read_attempt(*lease, 0);
  recorded_state state{
      attempt, read_status(row->text(0, 1)), row->text(0, 2), row->text(0, 3),
      row->text(0, 4) == "t"};
  return std::optional{locked_conversion{row->text(0, 0), std::move(state)}};
}

void_result write_lease(postgres_connection& on, const std::string& id, const attempt_id& attempt) {
  const auto token = static_cast<std::uint64_t>(attempt.token);
  const bool has_job = !attempt.job.value.is_nil();
  return without_rows(on.execute(
      write_lease_sql,
      {id, has_job ? postgres_value{to_string(attempt.job)} : std::nullopt, to_postgres(token)}
  ));
}

/// False where the conversion is there meanwhile.
result<bool> create_conversion(postgres_connection& on, const conversion_update& update) {
  postgres_values columns = conversion_columns_of(update);
  columns.push_back(to_postgres(update.at));
  const auto created = on.execute(insert_conversion_sql, columns);
  if (!created) {
    return created.error();
  }
  if (created->size() == 0) {
    return false;
  }
  if (auto written = write_lease(on, created->text(0, 0), update.attempt); !written) {
    return std::move(written).error();
  }
  return true;
}

void_result change_conversion(
    postgres_connection& on, const locked_conversion& found, const conversion_update& update
) {
  const auto action = decide(found.state, update);
  if (!action) {
    return action.error();
  }
  if (*action == record_action::skip) {
    return ok();
  }
  if (auto written = overwrite_conversion(on, update); !written) {
    return written;
  }
  attempt_id attempt = update.attempt;
  if (found.state.attempt.job == attempt.job) {
    attempt.token = std::max(attempt.token, found.state.attempt.token);
  }
  return write_lease(on, found.id, attempt);
}

/// In the order of the conversions: coordinators that write the same ones do not wait for each
/// other in a circle.
std::vector<std::size_t> in_order_of_locks(std::span<const conversion_update> updates) {
  std::vector<std::size_t> order(updates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return updates[a].conversion_id < updates[b].conversion_id;
  });
  return order;
}

/// Whether one of several updates may be at fault, and the others be written without it.
bool is_fault_of_one(const failure& why) {
  return why.kind == error_class::invalid_input || why.kind == error_class::conflict;
}

}  // namespace

postgres_values conversion_columns_of(const conversion_update& update) {
  return {
      update.conversion_id,
      update.user_id,
      update.user_image_id,
      update.cloth_image_id,
      std::string{to_string(update.status)},
      text_or_null(update.result_image_id),
      text_or_null(update.error_message),
      std::to_string(update.processing_time.count()),
      to_postgres(update.at),
      is_final(update.status) ? to_postgres(update.at) : std::nullopt};
}

void_result overwrite_conversion(postgres_connection& on, const conversion_update& update) {
  return without_rows(on.execute(update_conversion_sql, conversion_columns_of(update)));
}

void_result record_in(postgres_connection& on, const conversion_update& update) {
  auto found = lock_conversion(on, update);
  if (found && !*found) {
    const auto is_new = create_conversion(on, update);
    if (!is_new) {
      return is_new.error();
    }
    if (*is_new) {
      return ok();
    }
    found = lock_conversion(on, update);
  }
  if (!found) {
    return found.error();
  }
  if (!*found) {
    return failure{
        error_class::unavailable,
        "conversion " + update.conversion_id + " was removed while it was recorded"};
  }
  return change_conversion(on, **found, update);
}

std::vector<void_result> record_together(
    postgres_database& database, std::span<const conversion_update> updates
) {
  const auto order = in_order_of_locks(updates);
  std::vector<void_result> written(updates.size(), ok());
  const auto done = database.transact([&](postgres_connection& on) -> void_result {
    for (const std::size_t i : order) {
      written[i] = record_in(on, updates[i]);
      // What the server refuses ends the transaction; what our rules refuse does not.
      if (!written[i] && !on.last_error().state.empty()) {
        return written[i];
      }
    }
    return ok();
  });
  if (done) {
    return written;
  }
  if (updates.size() == 1 || !is_fault_of_one(done.error())) {
    return {updates.size(), done.error()};
  }
  for (std::size_t i = 0; i < updates.size(); ++i) {
    written[i] = std::move(record_together(database, updates.subspan(i, 1)).front());
  }
  return written;
}

result<conversion_record> find_conversion_in(
    postgres_database& database, const std::string& conversion_id
) {
  const auto rows = database.query(postgres_select_conversion_sql, {conversion_id});
  if (auto found = check_found(rows, "conversion " + conversion_id); !found) {
    return std::move(found).error();
  }
  conversion_record record;
  record.last.conversion_id = conversion_id;
  record.last.user_id = rows->text(0, 0);
  record.last.user_image_id = rows->text(0, 1);
  record.last.cloth_image_id = rows->text(0, 2);
  record.last.status = read_status(rows->text(0, 3));
  record.last.result_image_id = rows->text(0, 4);
  record.last.error_message = rows->text(0, 5);
  record.last.processing_time = milliseconds{rows->number(0, 6)};
  record.created_at = rows->time(0, 7);
  record.updated_at = rows->time(0, 8);
  record.completed_at = rows->time(0, 9);
  record.last.at = record.updated_at;
  record.last.attempt = read_attempt(*rows, 10);
  return record;
}

}  // namespace stayler::adapters
