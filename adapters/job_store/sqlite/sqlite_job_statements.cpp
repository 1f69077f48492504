// SPDX-License-Identifier: MIT
#include "adapters/job_store/sqlite/sqlite_job_statements.hpp"

#include "adapters/job_store/job_codec.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace stayler::adapters {

namespace sqlite_jobs {

namespace {

constexpr bool is_ahead_lane(std::uint32_t lane) noexcept {
  return lane > ahead_lanes && lane < prioritized_band;
}

}  // namespace

std::uint32_t lane_of(const stored_job& stored) noexcept {
  return waiting_band(stored) + (stored.over == precedence::own_jobs ? ahead_lanes : 0);
}

int type_in_row(job_type type, bool is_suspect) noexcept {
  return static_cast<int>(type) + (is_suspect ? suspect_types : 0);
}

fair_queue::flow flow_in_row(std::uint32_t lane, int type, std::string user) {
  const bool is_suspect = type >= suspect_types;
  const auto plain = static_cast<job_type>(type - (is_suspect ? suspect_types : 0));
  return {band_of(lane), plain, std::move(user), is_suspect};
}

std::uint32_t band_of(std::uint32_t lane) noexcept {
  return is_ahead_lane(lane) ? lane - ahead_lanes : lane;
}

precedence precedence_in(std::uint32_t lane) noexcept {
  return lane == prioritized_band ? precedence::all_jobs
         : is_ahead_lane(lane)    ? precedence::own_jobs
                                  : precedence::none;
}

}  // namespace sqlite_jobs

using sqlite_jobs::precedence_in;

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
  const precedence over = precedence_in(static_cast<std::uint32_t>(row.int64(1)));
  return {row.int64(0), {std::move(*value), std::string{row.text(2)}, over}};
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
