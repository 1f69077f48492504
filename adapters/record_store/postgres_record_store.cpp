// SPDX-License-Identifier: MIT
#include "adapters/record_store/postgres_record_store.hpp"

#include "adapters/postgres/postgres_database.hpp"
#include "adapters/record_store/conversion_rule.hpp"
#include "adapters/record_store/postgres_record_schema.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace stayler::adapters {

namespace {

// Parameters have no type of their own: each is read as the type of the column that it meets, be
// it text, uuid or an enumeration. Columns are read as text for the same reason.

std::string millis_of(const std::string& column) {
  return "floor(extract(epoch FROM " + column + ") * 1000)::bigint";
}

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

// Columns that only the application writes (vendor_id, is_public, tags, metadata) survive.
const std::string put_image_sql =
    "WITH row AS (INSERT INTO images (id, user_id, type, file_name, original_url, thumbnail_url,"
    " file_size, mime_type, width, height) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    " ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, type = excluded.type,"
    " file_name = excluded.file_name, original_url = excluded.original_url,"
    " thumbnail_url = excluded.thumbnail_url, file_size = excluded.file_size,"
    " mime_type = excluded.mime_type, width = excluded.width, height = excluded.height"
    " RETURNING id::text AS id)"
    " INSERT INTO stayler_image_files (image_id, blob_key, thumbnail_key, checksum, created_at)"
    " SELECT id, $11, $12, $13, $14::timestamptz FROM row"
    " ON CONFLICT (image_id) DO UPDATE SET blob_key = excluded.blob_key,"
    " thumbnail_key = excluded.thumbnail_key, checksum = excluded.checksum,"
    " created_at = excluded.created_at";

// An image that the application has put there has no file of ours: then its URLs name the blobs.
const std::string image_columns =
    "SELECT i.id, i.user_id, i.type, i.file_name, coalesce(f.blob_key, i.original_url),"
    " CASE WHEN f.image_id IS NULL THEN i.thumbnail_url ELSE f.thumbnail_key END,"
    " i.file_size, i.mime_type, i.width, i.height, f.checksum, "
    + millis_of("f.created_at");

const std::string select_image_sql =
    image_columns
    + " FROM images i LEFT JOIN stayler_image_files f ON f.image_id = i.id::text WHERE i.id = $1";

const std::string delete_image_sql =
    "WITH gone AS (DELETE FROM images WHERE id = $1 RETURNING *),"
    " files AS (DELETE FROM stayler_image_files USING gone WHERE image_id = gone.id::text"
    " RETURNING stayler_image_files.*) "
    + image_columns + " FROM gone i LEFT JOIN files f ON true";

const std::string postgres_add_spending_sql =
    "INSERT INTO stayler_spending AS s (day, user_id, calls, prompt_tokens, text_tokens,"
    " image_tokens, micro_dollars) VALUES ($1, $2, $3, $4, $5, $6, $7)"
    " ON CONFLICT (day, user_id) DO UPDATE SET calls = s.calls + excluded.calls,"
    " prompt_tokens = s.prompt_tokens + excluded.prompt_tokens,"
    " text_tokens = s.text_tokens + excluded.text_tokens,"
    " image_tokens = s.image_tokens + excluded.image_tokens,"
    " micro_dollars = s.micro_dollars + excluded.micro_dollars";

const std::string postgres_select_spending_sql =
    "SELECT user_id, calls, prompt_tokens, text_tokens, image_tokens, micro_dollars"
    " FROM stayler_spending WHERE day = $1";

const std::string postgres_keep_limit_sql =
    "INSERT INTO stayler_found_limits (name, value, is_ceiling, found_at)"
    " VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE SET value = excluded.value,"
    " is_ceiling = excluded.is_ceiling, found_at = excluded.found_at";

const std::string postgres_select_limits_sql = "SELECT name, value, is_ceiling::int, "
                                               + millis_of("found_at")
                                               + " FROM stayler_found_limits ORDER BY name";

const std::string probe_sql =
    "INSERT INTO stayler_record_probe AS p (id, writes) VALUES (1, 1)"
    " ON CONFLICT (id) DO UPDATE SET writes = p.writes + 1 RETURNING writes";

void_result without_rows(result<postgres_rows> answer) {
  return answer ? ok() : void_result{std::move(answer).error()};
}

attempt_id read_attempt(const postgres_rows& rows, int job_column) {
  return {
      parse_job_id(rows.text(0, job_column)).value_or(job_id{}),
      static_cast<fencing_token>(rows.number(0, job_column + 1))};
}

/// The application may know states that we do not; such a conversion is not ours to call final.
job_status read_status(const std::string& name) {
  return parse_job_status(name).value_or(job_status::pending);
}

postgres_values columns_of(const conversion_update& update) {
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
  postgres_values columns = columns_of(update);
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
  if (auto written = without_rows(on.execute(update_conversion_sql, columns_of(update)));
      !written) {
    return written;
  }
  attempt_id attempt = update.attempt;
  if (found.state.attempt.job == attempt.job) {
    attempt.token = std::max(attempt.token, found.state.attempt.token);
  }
  return write_lease(on, found.id, attempt);
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

/// not_found where a query for that id gave no row, or where the application's type of id cannot
/// even spell it.
void_result check_found(const result<postgres_rows>& answer, const std::string& what) {
  const bool is_no_id = !answer && answer.error().kind == error_class::invalid_input;
  if (is_no_id || (answer && answer->size() == 0)) {
    return failure{error_class::not_found, "no " + what};
  }
  return answer ? ok() : void_result{answer.error()};
}

result<image_record> image_in(const result<postgres_rows>& answer, const std::string& id) {
  if (auto found = check_found(answer, "image " + id); !found) {
    return std::move(found).error();
  }
  const postgres_rows& rows = *answer;
  image_record image;
  image.id = rows.text(0, 0);
  image.user_id = rows.text(0, 1);
  image.type = rows.text(0, 2);
  image.file_name = rows.text(0, 3);
  image.blob_key = rows.text(0, 4);
  image.thumbnail_key = rows.text(0, 5);
  image.bytes = static_cast<std::uint64_t>(rows.number(0, 6));
  image.mime_type = rows.text(0, 7);
  image.width = static_cast<std::uint32_t>(rows.number(0, 8));
  image.height = static_cast<std::uint32_t>(rows.number(0, 9));
  image.checksum = rows.text(0, 10);
  image.created_at = rows.time(0, 11);
  return image;
}

class postgres_record_store final : public record_store {
 public:
  explicit postgres_record_store(const postgres_options& server) : database_(server) {}

  void_result connect() { return database_.connect(); }

  void_result record(const conversion_update& update) override {
    return database_.transact([&update](postgres_connection& on) { return record_in(on, update); });
  }

  result<conversion_record> find_conversion(const std::string& conversion_id) override {
    const auto rows = database_.query(postgres_select_conversion_sql, {conversion_id});
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

  void_result put_image(const image_record& image) override {
    return without_rows(database_.query(
        put_image_sql,
        {image.id, text_or_null(image.user_id), image.type, image.file_name, image.blob_key,
         text_or_null(image.thumbnail_key), to_postgres(image.bytes), image.mime_type,
         to_postgres(image.width), to_postgres(image.height), image.blob_key,
         text_or_null(image.thumbnail_key), image.checksum, to_postgres(image.created_at)}
    ));
  }

  result<image_record> find_image(const std::string& id) override {
    return image_in(database_.query(select_image_sql, {id}), id);
  }

  result<image_record> remove_image(const std::string& id) override {
    if (auto found = find_image(id); !found) {
      return found;
    }
    const auto rows = database_.query(delete_image_sql, {id});
    if (!rows && rows.error().kind == error_class::invalid_input) {
      // Nothing is wrong with the id: another of the application's rows refers to it.
      return failure{error_class::conflict, "image " + id + " is in use"};
    }
    return image_in(rows, id);
  }

  void_result add_spending(const user_spending& entry) override {
    const spending& amount = entry.amount;
    return without_rows(database_.query(
        postgres_add_spending_sql,
        {entry.day, entry.user_id, to_postgres(amount.calls), to_postgres(amount.prompt_tokens),
         to_postgres(amount.text_tokens), to_postgres(amount.image_tokens),
         to_postgres(amount.cost)}
    ));
  }

  result<std::vector<user_spending>> spending_of(const std::string& day) override {
    const auto rows = database_.query(postgres_select_spending_sql, {day});
    if (!rows) {
      return rows.error();
    }
    std::vector<user_spending> entries;
    for (std::size_t row = 0; row < rows->size(); ++row) {
      const auto number = [&rows, row](int column) {
        return static_cast<std::uint64_t>(rows->number(row, column));
      };
      entries.push_back(
          {day, rows->text(row, 0), {number(1), number(2), number(3), number(4), number(5)}}
      );
    }
    return entries;
  }

  void_result keep_limit(const found_limit& limit) override {
    return without_rows(database_.query(
        postgres_keep_limit_sql, {limit.name, to_postgres(limit.value),
                                  limit.is_ceiling ? "true" : "false", to_postgres(limit.found_at)}
    ));
  }

  result<std::vector<found_limit>> limits() override {
    const auto rows = database_.query(postgres_select_limits_sql);
    if (!rows) {
      return rows.error();
    }
    std::vector<found_limit> limits;
    for (std::size_t row = 0; row < rows->size(); ++row) {
      limits.push_back(
          {rows->text(row, 0), static_cast<std::uint32_t>(rows->number(row, 1)),
           rows->number(row, 2) != 0, rows->time(row, 3)}
      );
    }
    return limits;
  }

  void_result probe() override { return without_rows(database_.query(probe_sql)); }

 private:
  postgres_database database_;
};

}  // namespace

result<std::unique_ptr<record_store>> open_postgres_record_store(const postgres_options& server) {
  auto migrated = migrate_postgres(server, "records", record_schema_steps, application_tables);
  if (!migrated) {
    return std::move(migrated).error();
  }
  auto store = std::make_unique<postgres_record_store>(server);
  if (auto connected = store->connect(); !connected) {
    return std::move(connected).error();
  }
  return std::unique_ptr<record_store>{std::move(store)};
}

}  // namespace stayler::adapters
