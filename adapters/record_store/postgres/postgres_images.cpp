// SPDX-License-Identifier: MIT
#include "adapters/record_store/postgres/postgres_images.hpp"

#include "adapters/record_store/postgres/postgres_record_rows.hpp"

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

const std::string images_of_sql =
    image_columns
    + " FROM images i LEFT JOIN stayler_image_files f ON f.image_id = i.id::text"
      " WHERE i.user_id = $1 AND i.id::text > $2 ORDER BY i.id::text LIMIT $3";

// Those that the application has put there are the application's, and have no time of ours.
const std::string images_before_sql =
    image_columns
    + " FROM images i JOIN stayler_image_files f ON f.image_id = i.id::text"
      " WHERE i.type = $1 AND f.created_at < $2 ORDER BY f.created_at LIMIT $3";

postgres_values put_image_values(const image_record& image) {
  postgres_values values = image_columns_of(image);
  values.emplace_back(image.blob_key);
  values.push_back(text_or_null(image.thumbnail_key));
  values.emplace_back(image.checksum);
  values.push_back(to_postgres(image.created_at));
  return values;
}

image_record read_postgres_image(const postgres_rows& rows, std::size_t row) {
  image_record image;
  image.id = rows.text(row, 0);
  image.user_id = rows.text(row, 1);
  image.type = rows.text(row, 2);
  image.file_name = rows.text(row, 3);
  image.blob_key = rows.text(row, 4);
  image.thumbnail_key = rows.text(row, 5);
  image.bytes = static_cast<std::uint64_t>(rows.number(row, 6));
  image.mime_type = rows.text(row, 7);
  image.width = static_cast<std::uint32_t>(rows.number(row, 8));
  image.height = static_cast<std::uint32_t>(rows.number(row, 9));
  image.checksum = rows.text(row, 10);
  image.created_at = rows.time(row, 11);
  return image;
}

result<image_record> image_in(const result<postgres_rows>& answer, const std::string& id) {
  if (auto found = check_found(answer, "image " + id); !found) {
    return std::move(found).error();
  }
  return read_postgres_image(*answer, 0);
}

/// None where the application's type of id cannot spell the user's.
result<std::vector<image_record>> images_in(const result<postgres_rows>& answer) {
  std::vector<image_record> all;
  if (!answer && answer.error().kind == error_class::invalid_input) {
    return all;
  }
  if (!answer) {
    return answer.error();
  }
  for (std::size_t row = 0; row < answer->size(); ++row) {
    all.push_back(read_postgres_image(*answer, row));
  }
  return all;
}

}  // namespace

postgres_values image_columns_of(const image_record& image) {
  return {
      image.id,
      text_or_null(image.user_id),
      image.type,
      image.file_name,
      image.blob_key,
      text_or_null(image.thumbnail_key),
      to_postgres(image.bytes),
      image.mime_type,
      to_postgres(image.width),
      to_postgres(image.height)};
}

void_result put_image_in(postgres_connection& on, const image_record& image) {
  return without_rows(on.execute(put_image_sql, put_image_values(image)));
}

void_result put_image_in(postgres_database& database, const image_record& image) {
  return without_rows(database.query(put_image_sql, put_image_values(image)));
}

result<image_record> find_image_in(postgres_database& database, const std::string& id) {
  return image_in(database.query(select_image_sql, {id}), id);
}

result<image_record> remove_image_in(postgres_database& database, const std::string& id) {
  if (auto found = find_image_in(database, id); !found) {
    return found;
  }
  const auto rows = database.query(delete_image_sql, {id});
  if (!rows && rows.error().kind == error_class::invalid_input) {
    // Nothing is wrong with the id: another of the application's rows refers to it.
    return failure{error_class::conflict, "image " + id + " is in use"};
  }
  return image_in(rows, id);
}

result<std::vector<image_record>> images_of_in(
    postgres_database& database,
    const std::string& user_id,
    const std::string& after,
    std::uint32_t limit
) {
  return images_in(database.query(images_of_sql, {user_id, after, to_postgres(limit)}));
}

result<std::vector<image_record>> images_before_in(
    postgres_database& database, const std::string& type, timestamp before, std::uint32_t limit
) {
  return images_in(
      database.query(images_before_sql, {type, to_postgres(before), to_postgres(limit)})
  );
}

}  // namespace stayler::adapters
