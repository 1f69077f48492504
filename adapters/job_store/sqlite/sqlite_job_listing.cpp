// SPDX-License-Identifier: MIT
#include "adapters/job_store/sqlite/sqlite_job_listing.hpp"

#include "adapters/job_store/job_codec.hpp"
#include "adapters/job_store/sqlite/sqlite_job_schema.hpp"
#include "adapters/job_store/store_limits.hpp"
#include "messages/jobs/job_filter.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

/// A listing that is read row by row.
struct cursor {
  sqlite_statement rows;
  job_id id;  ///< of the current row; nil at the end

  void_result advance() {
    const auto has_row = rows.step();
    if (!has_row) {
      return has_row.error();
    }
    id = {};
    if (*has_row) {
      const auto bytes = rows.blob(0);
      std::memcpy(id.value.bytes.data(), bytes.data(), std::min(bytes.size(), sizeof(uuid)));
    }
    return ok();
  }

  [[nodiscard]] result<job> read() const {
    const auto bytes = rows.blob(1);
    return decode_job({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
};

/// The rows that a filter concerns, by the index that leaves the fewest: those of a conversion, of
/// a user, of each status, or all.
class job_listing {
 public:
  explicit job_listing(sqlite_database& database) : database_(database) {}

  void_result open(const job_filter& filter) {
    if (!filter.conversion_id.empty()) {
      return add(sqlite_jobs::list_by_conversion, filter, std::string_view{filter.conversion_id});
    }
    if (!filter.user_id.empty()) {
      return add(sqlite_jobs::list_by_user, filter, std::string_view{filter.user_id});
    }
    if (filter.statuses.empty()) {
      return add(sqlite_jobs::list_all, filter);
    }
    for (const job_status status : all_statuses) {
      if (is_wanted(filter.statuses, status)) {
        auto added = add(sqlite_jobs::list_by_status, filter, static_cast<int>(status));
        if (!added) {
          return added;
        }
      }
    }
    return ok();
  }

  /// The newest row that has not been passed yet, null at the end.
  cursor* newest() {
    const auto found =
        std::max_element(cursors_.begin(), cursors_.end(), [](const cursor& a, const cursor& b) {
          return a.id < b.id;
        });
    return found == cursors_.end() || found->id.value.is_nil() ? nullptr : &*found;
  }

 private:
  template <class... Value>
  void_result add(std::string_view sql, const job_filter& filter, Value... value) {
    auto statement = database_.prepare(sql);
    if (!statement) {
      return std::move(statement).error();
    }
    uuid bound = filter.before.value;
    if (bound.is_nil()) {
      bound.bytes.fill(0xFF);
    }
    statement->bind_blob(1, std::as_bytes(std::span{bound.bytes}));
    statement->bind_blob(2, std::as_bytes(std::span{filter.since.value.bytes}));
    (statement->bind(3, value), ...);
    cursors_.push_back({std::move(*statement), {}});
    return cursors_.back().advance();
  }

  sqlite_database& database_;
  std::vector<cursor> cursors_;
};

}  // namespace

result<job_page> list_sqlite_jobs(sqlite_database& database, const job_filter& filter) {
  job_listing listing{database};
  if (auto opened = listing.open(filter); !opened) {
    return std::move(opened).error();
  }
  const std::size_t limit = page_limit(filter);
  job_page page;
  job_id last_seen;
  for (std::size_t visited = 0; cursor* next = listing.newest(); ++visited) {
    if (page.jobs.size() == limit || visited == scan_limit) {
      page.next = last_seen;
      break;
    }
    auto candidate = next->read();
    if (!candidate) {
      return std::move(candidate).error();
    }
    last_seen = next->id;
    if (matches(*candidate, filter)) {
      page.jobs.push_back(std::move(*candidate));
    }
    if (auto advanced = next->advance(); !advanced) {
      return std::move(advanced).error();
    }
  }
  return page;
}

}  // namespace stayler::adapters
