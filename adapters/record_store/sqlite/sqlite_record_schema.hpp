// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

namespace stayler::adapters {

inline constexpr std::string_view sqlite_records_schema = "records";

/// Columns are named as in the application's own tables; job_id, token, checksum and data are
/// additions. Times are Unix milliseconds; original_url and thumbnail_url hold blob keys. `data` is
/// the whole record where rows are encrypted (sqlite_record_rows.hpp), and NULL where they are not.
inline constexpr std::array<std::string_view, 5> sqlite_record_schema_steps{
    R"sql(
  CREATE TABLE conversions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    user_image_id TEXT NOT NULL,
    cloth_image_id TEXT NOT NULL,
    status TEXT NOT NULL,
    result_image_id TEXT,
    error_message TEXT,
    processing_time_ms INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    completed_at INTEGER,
    job_id TEXT,
    token INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  CREATE INDEX conversions_by_user ON conversions (user_id, created_at);

  CREATE TABLE images (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    vendor_id TEXT,
    type TEXT NOT NULL,
    file_name TEXT NOT NULL,
    original_url TEXT NOT NULL,
    thumbnail_url TEXT,
    file_size INTEGER NOT NULL,
    mime_type TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    is_public INTEGER NOT NULL DEFAULT 0,
    tags TEXT,
    metadata TEXT,
    checksum TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX images_by_user ON images (user_id, created_at);

  CREATE TABLE record_probe (id INTEGER PRIMARY KEY CHECK (id = 1), writes INTEGER NOT NULL);
)sql",
    R"sql(
  CREATE TABLE spending (
    day TEXT NOT NULL,
    user_id TEXT NOT NULL,
    calls INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    text_tokens INTEGER NOT NULL,
    image_tokens INTEGER NOT NULL,
    micro_dollars INTEGER NOT NULL,
    PRIMARY KEY (day, user_id)
  ) WITHOUT ROWID;
)sql",
    R"sql(
  CREATE TABLE found_limits (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL,
    is_ceiling INTEGER NOT NULL,
    found_at INTEGER NOT NULL
  ) WITHOUT ROWID;
)sql",
    // ended_at is 0 while an erasure goes on, and user_id empty once it is done.
    R"sql(
  CREATE TABLE erasures (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    user_tag TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    jobs INTEGER NOT NULL,
    images INTEGER NOT NULL,
    conversions INTEGER NOT NULL,
    notifications INTEGER NOT NULL,
    cached_pictures INTEGER NOT NULL,
    spending INTEGER NOT NULL,
    error TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX images_by_age ON images (type, created_at);
  CREATE INDEX conversions_by_end ON conversions (completed_at);
)sql",
    R"sql(
  ALTER TABLE images ADD COLUMN data BLOB;
  ALTER TABLE conversions ADD COLUMN data BLOB;
)sql"};

}  // namespace stayler::adapters
