// SPDX-License-Identifier: MIT
#include "adapters/record_store/sqlite/sqlite_record_statements.hpp"

#include "adapters/record_store/sqlite/sqlite_record_rows.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

constexpr std::string_view sqlite_add_spending_sql =
    "INSERT INTO spending (day, user_id, calls, prompt_tokens, text_tokens, image_tokens,"
    " micro_dollars) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    " ON CONFLICT (day, user_id) DO UPDATE SET calls = calls + excluded.calls,"
    " prompt_tokens = prompt_tokens + excluded.prompt_tokens,"
    " text_tokens = text_tokens + excluded.text_tokens,"
    " image_tokens = image_tokens + excluded.image_tokens,"
    " micro_dollars = micro_dollars + excluded.micro_dollars";

constexpr std::string_view sqlite_select_spending_sql =
    "SELECT user_id, calls, prompt_tokens, text_tokens, image_tokens, micro_dollars"
    " FROM spending WHERE day = ?1";

constexpr std::string_view sqlite_keep_limit_sql =
    "INSERT INTO found_limits (name, value, is_ceiling, found_at) VALUES (?1, ?2, ?3, ?4)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value,"
    " is_ceiling = excluded.is_ceiling, found_at = excluded.found_at";

constexpr std::string_view sqlite_select_limits_sql =
    "SELECT name, value, is_ceiling, found_at FROM found_limits ORDER BY name";

}  // namespace

result<sqlite_record_statements> prepare_record_statements(sqlite_database& database) {
  const std::string columns{sqlite_image_columns};
  const std::array<std::string, 13> texts{
      "SELECT" + std::string{sqlite_conversion_columns} + " FROM conversions WHERE id = ?1",
      std::string{sqlite_record_rows::write_conversion_sql()},
      std::string{sqlite_record_rows::write_image_sql()},
      "SELECT" + columns + " FROM images WHERE id = ?1",
      "DELETE FROM images WHERE id = ?1 RETURNING" + columns,
      "INSERT INTO record_probe VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET writes = writes + 1",
      "SELECT writes FROM record_probe",
      std::string{sqlite_add_spending_sql},
      std::string{sqlite_select_spending_sql},
      std::string{sqlite_keep_limit_sql},
      std::string{sqlite_select_limits_sql},
      "SELECT user_id, type FROM images WHERE id = ?1",
      "SELECT user_id FROM conversions WHERE id = ?1",
  };
  std::vector<sqlite_statement> ready;
  for (const std::string& text : texts) {
    auto statement = database.prepare(text);
    if (!statement) {
      return std::move(statement).error();
    }
    ready.push_back(std::move(*statement));
  }
  return sqlite_record_statements{std::move(ready[0]), std::move(ready[1]),  std::move(ready[2]),
                                  std::move(ready[3]), std::move(ready[4]),  std::move(ready[5]),
                                  std::move(ready[6]), std::move(ready[7]),  std::move(ready[8]),
                                  std::move(ready[9]), std::move(ready[10]), std::move(ready[11]),
                                  std::move(ready[12])};
}

}  // namespace stayler::adapters
