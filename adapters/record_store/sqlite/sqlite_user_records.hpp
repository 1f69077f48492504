// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/record_store/record_store.hpp"
#include "adapters/record_store/sqlite/sqlite_record_rows.hpp"
#include "adapters/sqlite/sqlite_database.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// What a record store promises of one user's records, of those that are past their time, and of
/// erasures. They are asked for seldom: their statements are prepared each time.
class sqlite_user_records {
 public:
  sqlite_user_records(sqlite_database& database, const sqlite_record_rows& rows)
      : database_(database), rows_(rows) {}

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
  result<std::vector<erasure>> all_erasures();

 private:
  result<std::vector<image_record>> find_images(
      std::string_view where, const std::function<void(sqlite_statement&)>& bind
  );
  result<std::vector<erasure>> find_erasures(
      std::string_view where, const std::function<void(sqlite_statement&)>& bind
  );

  sqlite_database& database_;
  const sqlite_record_rows& rows_;
};

}  // namespace stayler::adapters
