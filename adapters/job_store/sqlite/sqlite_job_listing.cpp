// SPDX-License-Identifier: MIT
#include "adapters/job_store/sqlite/sqlite_job_listing.hpp"

#include "adapters/job_store/sqlite/sqlite_job_encryption.hpp"
#include "adapters/job_store/sqlite/sqlite_job_schema.hpp"
#include "adapters/job_store/sqlite/sqlite_job_statements.hpp"
#include "adapters/job_store/store_limits.hpp"
#include "adapters/job_store/unreadable_job.hpp"
#include "messages/jobs/job_filter.hpp"

#include <algorithm>
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
    id = *has_row ? sqlite_jobs::id_in_row(rows.blob(0)) : job_id{};
    return ok();
  }

  [[nodiscard]] result<job> read(const row_cipher& cipher, const job_filter& filter) const {
    auto value = sqlite_jobs::read_job(cipher, rows.blob(0), rows.blob(1));
    if (value || !cipher.is_set()) {
      return value;
    }
    job unreadable =
        unreadable_job(id, static_cast<job_status>(rows.int64(2)), std::move(value).error());
    // The row was found by the one or the other, where they are asked for.
    unreadable.request.conversion_id = filter.conversion_id;
    if (filter.conversion_id.empty() && !filter.user_id.empty()) {
      unreadable.request.user_id = filter.user_id;
    }
    return unreadable;
  }
};

/// The rows that a filter concerns, by the index that leaves the fewest: those of a conversion, of
/// a user, of each status, or all.
class job_listing {
 public:
  job_listing(sqlite_database& database, const row_cipher& cipher)
      : database_(database), cipher_(cipher) {}

  void_result open(const job_filter& filter) {
    if (!filter.conversion_id.empty()) {
      return add(
          sqlite_jobs::list_by_conversion, filter,
          cipher_.pseudonym(sqlite_jobs::conversion_kind, filter.conversion_id)
      );
    }
    if (!filter.user_id.empty()) {
      return add(
          sqlite_jobs::list_by_user, filter,
          cipher_.pseudonym(sqlite_jobs::user_kind, filter.user_id)
      );
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
  void_result add(std::string_view sql, const job_filter& filter, const Value&... value) {
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
  const row_cipher& cipher_;
  std::vector<cursor> cursors_;
};

}  // namespace

result<job_page> list_sqlite_jobs(
    sqlite_database& database, const job_filter& filter, const row_cipher& cipher
) {
  job_listing listing{database, cipher};
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
    auto candidate = next->read(cipher, filter);
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
