// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/record_store/record_store.hpp"
#include "adapters/sqlite/sqlite_database.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// What read_sqlite_image() reads of a row.
inline constexpr std::string_view sqlite_image_columns =
    " id, user_id, type, file_name, original_url, thumbnail_url, file_size, mime_type, width,"
    " height, checksum, created_at";

image_record read_sqlite_image(const sqlite_statement& row);

/// What a record store promises of one user's records, of those that are past their time, and of
/// erasures. They are asked for seldom: their statements are prepared each time.
class sqlite_user_records {
 public:
  explicit sqlite_user_records(sqlite_database& database) : database_(database) {}

  result<std::vector<image_record>> images_of(
      const std::string& user_id, const std::string& after, std::uint32_t limit
  );
  result<std::vector<conversion_update>> conversions_of(
      const std::string& user_id, const std::string& after, std::uint32_t limit
  );
  result<std::uint64_t> erase_conversions_of(const std::string& user_id, std::uint32_t limit);
  result<std::uint64_t> erase_spending_of(const std::string& user_id);
  result<std::vector<image_record>> images_before(
      const std::string& type, timestamp before, std::uint32_t limit
  );
  result<std::uint64_t> erase_conversions_before(timestamp before, std::uint32_t limit);
  void_result save_erasure(const erasure& changed);
  result<erasure> find_erasure(const uuid& id);
  result<std::vector<erasure>> open_erasures();

 private:
  sqlite_database& database_;
};

}  // namespace stayler::adapters
