// SPDX-License-Identifier: MIT
#include "adapters/record_store/sqlite/sqlite_record_rows.hpp"

#include "adapters/codec/byte_codec.hpp"
#include "adapters/encryption/encrypted_bytes.hpp"

#include <span>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::string_view record_user_kind = "user";
constexpr std::string_view record_conversion_kind = "conversion";

std::string place_of_image(std::string_view id) {
  return "image " + std::string{id};
}

/// By the pseudonym in its row.
std::string place_of_conversion(std::string_view pseudonym) {
  return "conversion " + std::string{pseudonym};
}

std::string place_of_erasure(std::string_view id) {
  return "erasure " + std::string{id};
}

std::string_view content_in(const sqlite_statement& row, int column) {
  const auto bytes = row.blob(column);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What an encrypted row holds.
template <class Record>
result<Record> decrypt_record(
    const row_cipher& cipher, const std::string& place, std::string_view stored
) {
  const auto content = cipher.decrypt(place, stored);
  if (!content) {
    return content.error();
  }
  auto record = decode_bytes<Record>(*content);
  return record ? result<Record>{*std::move(record)} : not_authentic(place);
}

}  // namespace

const std::array<encrypted_column, 3> encrypted_record_columns{{
    {"images", "id", "data", place_of_image},
    {"conversions", "id", "data", place_of_conversion},
    {"erasures", "id", "error", place_of_erasure},
}};

std::string sqlite_record_rows::user(std::string_view id) const {
  return cipher_.pseudonym(record_user_kind, id);
}

std::string sqlite_record_rows::conversion(std::string_view id) const {
  return cipher_.pseudonym(record_conversion_kind, id);
}

std::string sqlite_record_rows::user_in_row(std::string_view user) const {
  auto id = cipher_.id_of(record_user_kind, user);
  return id ? *std::move(id) : std::string{nobody};
}

// The application's own columns (vendor_id, is_public, tags, metadata) survive a replacement.
std::string_view sqlite_record_rows::write_image_sql() {
  return "INSERT INTO images (id, user_id, type, file_name, original_url, thumbnail_url, file_size,"
         " mime_type, width, height, checksum, created_at, updated_at, data)"
         " VALUES (?1, ?2, ?3, ?4, ?5, nullif(?6, ''), ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?13)"
         " ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, type = excluded.type,"
         " file_name = excluded.file_name, original_url = excluded.original_url,"
         " thumbnail_url = excluded.thumbnail_url, file_size = excluded.file_size,"
         " mime_type = excluded.mime_type, width = excluded.width, height = excluded.height,"
         " checksum = excluded.checksum, created_at = excluded.created_at,"
         " updated_at = excluded.updated_at, data = excluded.data";
}

void sqlite_record_rows::bind_image(sqlite_statement& statement, const image_record& image) const {
  const image_record shown = cipher_.is_set() ? image_record{} : image;
  statement.bind(1, image.id)
      .bind(2, user(image.user_id))
      .bind(3, image.type)
      .bind(4, shown.file_name)
      .bind(5, image.blob_key)
      .bind(6, image.thumbnail_key)
      .bind(7, shown.bytes)
      .bind(8, shown.mime_type)
      .bind(9, shown.width)
      .bind(10, shown.height)
      .bind(11, shown.checksum)
      .bind(12, image.created_at);
  if (cipher_.is_set()) {
    const std::string data = cipher_.encrypt(place_of_image(image.id), encode_bytes(image));
    statement.bind_blob(13, std::as_bytes(std::span{data}));
  } else {
    statement.bind_null(13);
  }
}

image_record sqlite_record_rows::outline_of_image(const sqlite_statement& row) const {
  image_record image;
  image.id = row.text(0);
  image.user_id = user_in_row(row.text(1));
  image.type = row.text(2);
  image.blob_key = row.text(4);
  image.thumbnail_key = row.text(5);
  image.created_at = row.time(11);
  return image;
}

result<image_record> sqlite_record_rows::read_image(const sqlite_statement& row) const {
  if (cipher_.is_set()) {
    return decrypt_record<image_record>(cipher_, place_of_image(row.text(0)), content_in(row, 12));
  }
  image_record image = outline_of_image(row);
  image.file_name = row.text(3);
  image.bytes = static_cast<std::uint64_t>(row.int64(6));
  image.mime_type = row.text(7);
  image.width = static_cast<std::uint32_t>(row.int64(8));
  image.height = static_cast<std::uint32_t>(row.int64(9));
  image.checksum = row.text(10);
  return image;
}

std::string_view sqlite_record_rows::write_conversion_sql() {
  return "INSERT INTO conversions (id, user_id, user_image_id, cloth_image_id, status,"
         " result_image_id, error_message, processing_time_ms, created_at, updated_at,"
         " completed_at, job_id, token, data)"
         " VALUES (?1, ?2, ?3, ?4, ?5, nullif(?6, ''), nullif(?7, ''), ?8, ?13, ?9, ?10, ?11, ?12,"
         " ?14)"
         " ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id,"
         " user_image_id = excluded.user_image_id, cloth_image_id = excluded.cloth_image_id,"
         " status = excluded.status, result_image_id = excluded.result_image_id,"
         " error_message = excluded.error_message, processing_time_ms = "
         "excluded.processing_time_ms,"
         " updated_at = excluded.updated_at, completed_at = excluded.completed_at,"
         " job_id = excluded.job_id, token = excluded.token, data = excluded.data";
}

void sqlite_record_rows::bind_conversion(
    sqlite_statement& statement, const conversion_record& record
) const {
  const bool is_encrypted = cipher_.is_set();
  const conversion_update shown = is_encrypted ? conversion_update{} : record.last;
  const std::string id = conversion(record.last.conversion_id);
  statement.bind(1, id)
      .bind(2, user(record.last.user_id))
      .bind(3, shown.user_image_id)
      .bind(4, shown.cloth_image_id)
      .bind(5, is_encrypted ? std::string_view{} : to_string(shown.status))
      .bind(6, shown.result_image_id)
      .bind(7, shown.error_message)
      .bind(8, shown.processing_time.count())
      .bind(9, record.updated_at)
      .bind(12, static_cast<std::uint64_t>(shown.attempt.token))
      .bind(13, record.created_at);
  is_set(record.completed_at) ? statement.bind(10, record.completed_at) : statement.bind_null(10);
  shown.attempt.job.value.is_nil() ? statement.bind_null(11)
                                   : statement.bind(11, to_string(shown.attempt.job));
  if (is_encrypted) {
    const std::string data = cipher_.encrypt(place_of_conversion(id), encode_bytes(record));
    statement.bind_blob(14, std::as_bytes(std::span{data}));
  } else {
    statement.bind_null(14);
  }
}

result<conversion_record> sqlite_record_rows::read_conversion(const sqlite_statement& row) const {
  if (cipher_.is_set()) {
    return decrypt_record<conversion_record>(
        cipher_, place_of_conversion(row.text(13)), content_in(row, 12)
    );
  }
  conversion_record record;
  record.last.conversion_id = row.text(13);
  record.last.user_id = row.text(0);
  record.last.user_image_id = row.text(1);
  record.last.cloth_image_id = row.text(2);
  // The application may know states that we do not; such a conversion is not ours to call final.
  record.last.status = parse_job_status(row.text(3)).value_or(job_status::pending);
  record.last.result_image_id = row.text(4);
  record.last.error_message = row.text(5);
  record.last.processing_time = milliseconds{row.int64(6)};
  record.created_at = row.time(7);
  record.updated_at = row.time(8);
  record.completed_at = row.time(9);
  record.last.at = record.updated_at;
  // A job that is not set is stored as NULL.
  record.last.attempt.job = parse_job_id(row.text(10)).value_or(job_id{});
  record.last.attempt.token = static_cast<fencing_token>(row.int64(11));
  return record;
}

std::string sqlite_record_rows::hidden(const std::string& erasure_id, const std::string& text)
    const {
  return text.empty() ? text : cipher_.encrypt(place_of_erasure(erasure_id), text);
}

std::string sqlite_record_rows::shown(const std::string& erasure_id, std::string_view stored)
    const {
  if (stored.empty()) {
    return {};
  }
  auto text = cipher_.decrypt(place_of_erasure(erasure_id), stored);
  return text ? *std::move(text) : text.error().message;
}

}  // namespace stayler::adapters
