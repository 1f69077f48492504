// SPDX-License-Identifier: MIT
#include "adapters/job_store/sqlite/sqlite_job_statements.hpp"

#include "adapters/job_store/job_codec.hpp"
#include "adapters/job_store/unreadable_job.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
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

job_id id_in_row(std::span<const std::byte> id) noexcept {
  job_id read;
  if (!id.empty()) {
    std::memcpy(read.value.bytes.data(), id.data(), std::min(id.size(), sizeof(uuid)));
  }
  return read;
}

result<job> read_job(
    const row_cipher& cipher, std::span<const std::byte> id, std::span<const std::byte> data
) {
  const std::string_view stored{reinterpret_cast<const char*>(data.data()), data.size()};
  if (!cipher.is_set()) {
    return decode_job(stored);
  }
  const auto content = cipher.decrypt(place_of_job(id_in_row(id)), stored);
  return content ? decode_job(*content) : content.error();
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
  auto value = sqlite_jobs::read_job(cipher_, row.blob(4), row.blob(3));
  if (!value && (!cipher_.is_set() || value.error().kind != error_class::internal_bug)) {
    on_failure_(value.error());
    return {};
  }
  if (!value) {
    const auto status = static_cast<job_status>(row.int64(5));
    job unreadable = unreadable_job(sqlite_jobs::id_in_row(row.blob(4)), status, value.error());
    return {row.int64(0), {std::move(unreadable), {}, precedence::none}, value.error()};
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
