// SPDX-License-Identifier: MIT
#include "adapters/record_store/postgres_record_store.hpp"

#include "adapters/postgres/postgres_database.hpp"
#include "adapters/record_store/postgres_conversions.hpp"
#include "adapters/record_store/postgres_owners.hpp"
#include "adapters/record_store/postgres_record_rows.hpp"
#include "adapters/record_store/postgres_record_schema.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

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
    return std::move(record_together(database_, {&update, 1}).front());
  }

  std::vector<void_result> record_all(std::span<const conversion_update> updates) override {
    return record_together(database_, updates);
  }

  result<ownership_report> find_owners(const ownership_query& asked) override {
    return find_owners_in(database_, asked);
  }

  result<conversion_record> find_conversion(const std::string& conversion_id) override {
    return find_conversion_in(database_, conversion_id);
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
