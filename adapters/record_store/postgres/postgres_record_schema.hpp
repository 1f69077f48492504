// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_migration.hpp"

#include <array>
#include <string_view>

namespace stayler::adapters {

/// The application's tables, as far as this service reads and writes them.
inline const std::array<foreign_table, 2> application_tables{
    foreign_table{
        "conversions",
        R"sql(
  CREATE TABLE conversions (
    id text PRIMARY KEY,
    user_id text NOT NULL,
    user_image_id text NOT NULL,
    cloth_image_id text NOT NULL,
    status text NOT NULL,
    result_image_id text,
    error_message text,
    processing_time_ms bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz
  )
)sql",
        {"id", "user_id", "user_image_id", "cloth_image_id", "status", "result_image_id",
         "error_message", "processing_time_ms", "created_at", "updated_at", "completed_at"},
        "SELECT, UPDATE"},
    foreign_table{
        "images",
        R"sql(
  CREATE TABLE images (
    id text PRIMARY KEY,
    user_id text,
    vendor_id text,
    type text NOT NULL,
    file_name text NOT NULL,
    original_url text NOT NULL,
    thumbnail_url text,
    file_size bigint NOT NULL,
    mime_type text NOT NULL,
    width bigint NOT NULL,
    height bigint NOT NULL,
    is_public boolean NOT NULL DEFAULT false,
    tags text[],
    metadata jsonb
  )
)sql",
        {"id", "user_id", "type", "file_name", "original_url", "thumbnail_url", "file_size",
         "mime_type", "width", "height"},
        "SELECT, INSERT, UPDATE, DELETE"},
};

/// The tables that the steps below make.
constexpr std::array<std::string_view, 6> record_tables{
    "stayler_conversion_leases", "stayler_image_files",  "stayler_spending",
    "stayler_record_probe",      "stayler_found_limits", "stayler_erasures"};

/// What they have no column for. Ids are the application's, as text.
constexpr std::array<std::string_view, 6> record_schema_steps{
    R"sql(
  CREATE TABLE stayler_conversion_leases (
    conversion_id text PRIMARY KEY,
    job_id uuid,
    token bigint NOT NULL
  )
)sql",
    R"sql(
  CREATE TABLE stayler_image_files (
    image_id text PRIMARY KEY,
    blob_key text NOT NULL,
    thumbnail_key text,
    checksum text NOT NULL,
    created_at timestamptz NOT NULL
  )
)sql",
    R"sql(
  CREATE TABLE stayler_spending (
    day text NOT NULL,
    user_id text NOT NULL,
    calls bigint NOT NULL,
    prompt_tokens bigint NOT NULL,
    text_tokens bigint NOT NULL,
    image_tokens bigint NOT NULL,
    micro_dollars bigint NOT NULL,
    PRIMARY KEY (day, user_id)
  )
)sql",
    R"sql(
  CREATE TABLE stayler_record_probe (
    id integer PRIMARY KEY CHECK (id = 1),
    writes bigint NOT NULL
  )
)sql",
    R"sql(
  CREATE TABLE stayler_found_limits (
    name text PRIMARY KEY,
    value bigint NOT NULL,
    is_ceiling boolean NOT NULL,
    found_at timestamptz NOT NULL
  )
)sql",
    // user_id is empty once the erasure is done.
    R"sql(
  CREATE TABLE stayler_erasures (
    id uuid PRIMARY KEY,
    user_id text NOT NULL,
    user_tag text NOT NULL,
    requested_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    ended_at timestamptz,
    jobs bigint NOT NULL,
    images bigint NOT NULL,
    conversions bigint NOT NULL,
    notifications bigint NOT NULL,
    cached_pictures bigint NOT NULL,
    spending bigint NOT NULL,
    error text NOT NULL
  )
)sql"};

}  // namespace stayler::adapters
