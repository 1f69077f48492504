// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_database.hpp"
#include "messages/images/image.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// The columns of the application's table that put_image_in() writes.
inline constexpr std::array<std::string_view, 10> written_image_columns{
    "id",        "user_id",   "type",  "file_name", "original_url", "thumbnail_url",
    "file_size", "mime_type", "width", "height"};

/// What it writes there, in the order of these columns.
postgres_values image_columns_of(const image_record& image);

/// What record_store::put_image() promises; the first within the connection's transaction.
void_result put_image_in(postgres_connection& on, const image_record& image);
void_result put_image_in(postgres_database& database, const image_record& image);

/// What record_store::find_image() promises.
result<image_record> find_image_in(postgres_database& database, const std::string& id);

/// What record_store::remove_image() promises.
result<image_record> remove_image_in(postgres_database& database, const std::string& id);

/// What record_store::images_of() and images_before() promise.
result<std::vector<image_record>> images_of_in(
    postgres_database& database,
    const std::string& user_id,
    const std::string& after,
    std::uint32_t limit
);
result<std::vector<image_record>> images_before_in(
    postgres_database& database, const std::string& type, timestamp before, std::uint32_t limit
);

}  // namespace stayler::adapters
