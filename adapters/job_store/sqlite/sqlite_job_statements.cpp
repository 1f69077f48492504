// SPDX-License-Identifier: MIT
#include "adapters/job_store/sqlite/sqlite_job_statements.hpp"

#include "adapters/job_store/job_codec.hpp"

#include <string>
#include <string_view>

namespace stayler::adapters {

result<sqlite_job_statements> sqlite_job_statements::prepare(sqlite_database& database) {
  std::vector<sqlite_statement> statements;
  for (const std::string_view sql : sqlite_jobs::statements) {
    auto statement = database.prepare(sql);
    if (!statement) {
      return std::move(statement).error();
    }
    statements.push_back(std::move(*statement));
  }
  return sqlite_job_statements{std::move(statements)};
}

void sqlite_job_statements::check(const void_result& done) {
  if (!done) {
    on_failure_(done.error());
  }
}

job_row sqlite_job_statements::read_row(const sqlite_statement& row) {
  const auto data = row.blob(3);
  auto value = decode_job({reinterpret_cast<const char*>(data.data()), data.size()});
  if (!value) {
    on_failure_(value.error());
    return {};
  }
  const bool is_prioritized = row.int64(1) == std::int64_t{prioritized_band};
  return {row.int64(0), {std::move(*value), std::string{row.text(2)}, is_prioritized}};
}

std::optional<job_row> sqlite_job_statements::find_row(sqlite_statement& statement) {
  return first(statement, [this](const sqlite_statement& row) { return read_row(row); });
}

std::vector<job_row> sqlite_job_statements::find_rows(sqlite_statement& statement) {
  std::vector<job_row> rows;
  each(statement, [&](const sqlite_statement& row) { rows.push_back(read_row(row)); });
  return rows;
}

}  // namespace stayler::adapters
