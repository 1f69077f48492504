// SPDX-License-Identifier: MIT
#include "adapters/job_store/sqlite/sqlite_job_table.hpp"

#include "adapters/job_store/job_codec.hpp"
#include "adapters/job_store/job_counting.hpp"
#include "adapters/job_store/sqlite/sqlite_job_encryption.hpp"
#include "adapters/job_store/sqlite/sqlite_job_listing.hpp"
#include "adapters/job_store/unreadable_job.hpp"
#include "adapters/log/log.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/suspect.hpp"
#include "messages/service/node.hpp"
#include "messages/service/quarantine.hpp"

#include <limits>
#include <system_error>
#include <utility>

namespace stayler::adapters {

using logs::queue::log;
using sqlite_jobs::query;
using sqlite_jobs::type_in_row;

namespace {

std::span<const std::byte> bytes_of(const std::string& text) noexcept {
  return std::as_bytes(std::span{text.data(), text.size()});
}

std::span<const std::byte> bytes_of(const job_id& id) noexcept {
  return std::as_bytes(std::span{id.value.bytes});
}

/// A job touches a page of each of nine indexes: with SQLite's own 2 MiB of cache and a checkpoint
/// at each 4 MiB, most of the time went to reading and writing the same pages again.
void_result tune(sqlite_database& database, const sqlite_job_store_options& options) {
  std::string pragmas = "PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=4000;";
  if (options.synchronous == sqlite_job_store_options::durability::normal) {
    pragmas += "PRAGMA synchronous=NORMAL;";
  }
  return database.exec(pragmas);
}

int row_type_of(const job& j) noexcept {
  return type_in_row(j.request.type, is_suspect(j));
}

result<file_lock> lock_for(const std::filesystem::path& file) {
  std::error_code ignored;  // what is wrong with the folder shows when the lock is opened
  std::filesystem::create_directories(file.parent_path(), ignored);
  return file_lock::acquire(file.string() + "-lock");
}

}  // namespace

result<std::unique_ptr<sqlite_job_table>> sqlite_job_table::open(
    const std::filesystem::path& file, const sqlite_job_store_options& options
) {
  auto lock = lock_for(file);
  if (!lock) {
    return std::move(lock).error();
  }
  auto database = sqlite_database::open(file, options.busy_timeout);
  if (!database) {
    return std::move(database).error();
  }
  auto migrated = database->migrate({sqlite_jobs::schema_name, sqlite_jobs::migrations});
  if (!migrated) {
    return std::move(migrated).error();
  }
  if (auto tuned = tune(*database, options); !tuned) {
    return std::move(tuned).error();
  }
  auto cipher = sqlite_jobs::open_cipher(*database, options.keys);
  if (!cipher) {
    return std::move(cipher).error();
  }
  auto reader = sqlite_database::open(file, options.busy_timeout);
  if (!reader) {
    return std::move(reader).error();
  }
  auto statements = sqlite_job_statements::prepare(*database);
  if (!statements) {
    return std::move(statements).error();
  }
  return std::unique_ptr<sqlite_job_table>{new sqlite_job_table{
      *std::move(lock), *std::move(database), *std::move(reader), *std::move(statements),
      *std::move(cipher)}};
}

sqlite_job_table::sqlite_job_table(
    file_lock lock,
    sqlite_database database,
    sqlite_database reader,
    sqlite_job_statements statements,
    row_cipher cipher
)
    : lock_(std::move(lock)),
      database_(std::move(database)),
      reader_(std::move(reader)),
      cipher_(std::move(cipher)),
      sql_(std::move(statements)) {
  sql_.read_by(cipher_);
  sql_.on_failure([this](const failure& error) { keep_error(error); });
}

failure sqlite_job_table::transact(const std::function<void()>& changes) {
  auto transaction = database_.begin();
  if (!transaction) {
    return transaction.error();
  }
  changes();
  auto committed = error() ? void_result{error()} : transaction->commit();
  if (!committed) {
    take_set_aside();
  }
  return committed ? failure{} : committed.error();
}

failure sqlite_job_table::end_leases() {
  return transact([this] {
    constexpr std::size_t all = std::numeric_limits<std::int64_t>::max();
    for (const job_row& row : find_expired(timestamp::max(), all)) {
      const std::string_view node = node_of_worker(row.stored.value.worker_id);
      // A quarantine ends with its coordinator; other nodes may still be at work.
      if (node.empty() || is_quarantine(node)) {
        update_lease(row, timestamp{});
      }
    }
  });
}

std::optional<job_row> sqlite_job_table::find(const job_id& id) {
  return sql_.find_row(sql_.get(query::find_id).bind_blob(1, bytes_of(id)));
}

std::optional<job_row> sqlite_job_table::find_by_key(const job_request& request) {
  auto& found = sql_.get(query::find_key);
  found.bind(1, cipher_.pseudonym(sqlite_jobs::user_kind, request.user_id));
  found.bind(2, cipher_.pseudonym(sqlite_jobs::key_kind, request.idempotency_key));
  return sql_.find_row(found);
}

std::optional<job_row> sqlite_job_table::find_in_flight(const job_request& request) {
  auto& found = sql_.get(query::find_in_flight);
  found.bind(1, cipher_.pseudonym(sqlite_jobs::conversion_kind, request.conversion_id));
  return sql_.find_row(found);
}

std::optional<job_row> sqlite_job_table::find_oldest_pending() {
  return sql_.find_row(sql_.get(query::find_oldest));
}

std::optional<job_row> sqlite_job_table::first_of(const fair_queue::flow& flow) {
  const int type = type_in_row(flow.type, flow.is_suspect);
  const std::string user = cipher_.pseudonym(sqlite_jobs::user_kind, flow.user);
  for (;;) {
    std::optional<job_row> row;
    if (flow.band != prioritized_band) {
      row = sql_.find_row(sql_.get(query::find_ahead).bind(1, type).bind(2, user));
    }
    if (!row) {
      auto& found = sql_.get(query::find_flow);
      row = sql_.find_row(found.bind(1, flow.band).bind(2, type).bind(3, user));
    }
    if (!row || !row->problem) {
      return row;
    }
    set_aside(*row);
    if (error()) {
      return std::nullopt;
    }
  }
}

bool sqlite_job_table::has_any_of(const fair_queue::flow& flow) {
  auto& any = sql_.get(query::find_any_of_flow);
  any.bind(1, flow.band).bind(2, type_in_row(flow.type, flow.is_suspect));
  any.bind(3, cipher_.pseudonym(sqlite_jobs::user_kind, flow.user));
  return sql_.first(any, [](const sqlite_statement&) { return true; }).has_value();
}

std::vector<job_row> sqlite_job_table::find_owned(const std::string& instance_id) {
  return find_readable(sql_.get(query::find_owned).bind(1, instance_id));
}

std::vector<job_row> sqlite_job_table::find_due(timestamp now, std::size_t limit) {
  return find_readable(sql_.get(query::find_due).bind(1, now).bind(2, limit));
}

std::vector<job_row> sqlite_job_table::find_expired(timestamp now, std::size_t limit) {
  return find_readable(sql_.get(query::find_expired).bind(1, now).bind(2, limit));
}

timestamp sqlite_job_table::next_due() {
  const auto due = sql_.first(sql_.get(query::next_due), [](const sqlite_statement& row) {
    return row.time(0);
  });
  return due.value_or(timestamp{});
}

result<job_page> sqlite_job_table::list(const job_filter& filter) {
  const auto moment = reader_.begin_reading();
  return moment ? list_sqlite_jobs(reader_, filter, cipher_) : moment.error();
}

void sqlite_job_table::insert(const stored_job& stored) {
  const job& j = stored.value;
  const std::string data = content_of(j);
  sql_.run(sql_.get(query::insert)
               .bind_blob(1, bytes_of(j.id))
               .bind(2, cipher_.pseudonym(sqlite_jobs::user_kind, j.request.user_id))
               .bind(3, cipher_.pseudonym(sqlite_jobs::conversion_kind, j.request.conversion_id))
               .bind(4, cipher_.pseudonym(sqlite_jobs::key_kind, j.request.idempotency_key))
               .bind(5, static_cast<int>(j.status))
               .bind(6, sqlite_jobs::lane_of(stored))
               .bind(7, row_type_of(j))
               .bind(8, time_of(j))
               .bind_blob(9, bytes_of(data)));
}

void sqlite_job_table::update(const job_row& row) {
  const job& j = row.stored.value;
  const std::string data = content_of(j);
  sql_.run(sql_.get(query::update_all)
               .bind(1, row.key)
               .bind(2, static_cast<int>(j.status))
               .bind(3, sqlite_jobs::lane_of(row.stored))
               .bind(4, time_of(j))
               .bind(5, row.stored.instance_id)
               .bind_blob(6, bytes_of(data))
               .bind(7, row_type_of(j)));
}

std::optional<result<change_effect>> sqlite_job_table::update_in_place(
    const job_id& id, const report_function& report
) {
  auto row = find(id);
  if (!row) {
    return std::nullopt;
  }
  if (row->problem) {
    return result<change_effect>{std::move(row->problem)};
  }
  const timestamp before = row->stored.value.lease_expires_at;
  auto effect = report(row->stored);
  if (effect && *effect == change_effect::applied) {
    const timestamp after = row->stored.value.lease_expires_at;
    if (after != before) {
      update_lease(*row, after);
    } else {
      update_data(*row);
    }
  }
  return effect;
}

void sqlite_job_table::update_lease(const job_row& row, timestamp expires_at) {
  const std::string data = content_of(row.stored.value);
  auto& update = sql_.get(query::update_lease);
  sql_.run(update.bind(1, row.key).bind(2, expires_at).bind_blob(3, bytes_of(data)));
}

void sqlite_job_table::update_data(const job_row& row) {
  const std::string data = content_of(row.stored.value);
  sql_.run(sql_.get(query::update_data).bind(1, row.key).bind_blob(2, bytes_of(data)));
}

std::string sqlite_job_table::content_of(const job& value) const {
  return cipher_.is_set() ? cipher_.encrypt(place_of_job(value.id), encode_job(value))
                          : encode_job(value);
}

void sqlite_job_table::set_aside(const job_row& row) {
  const job& unreadable = row.stored.value;
  sql_.run(sql_.get(query::set_aside).bind(1, row.key));
  note_set_aside(unreadable.status);
  log.error(
      "a stored job cannot be read, and is a dead letter now",
      {{"jobId", unreadable.id}, {"reason", row.problem.message}}
  );
}

std::vector<job_row> sqlite_job_table::find_readable(sqlite_statement& found) {
  std::vector<job_row> rows = sql_.find_rows(found);
  std::erase_if(rows, [this](const job_row& row) {
    if (row.problem) {
      set_aside(row);
    }
    return static_cast<bool>(row.problem);
  });
  return rows;
}

void sqlite_job_table::remove(const job_row& row) {
  sql_.run(sql_.get(query::remove).bind(1, row.key));
}

std::vector<job_status> sqlite_job_table::remove_dead_letters(
    timestamp ended_by, std::size_t limit
) {
  return remove_found(sql_.get(query::find_dead_letters).bind(1, ended_by).bind(2, limit));
}

std::vector<job_status> sqlite_job_table::remove_finished(timestamp ended_by, std::size_t limit) {
  return remove_found(sql_.get(query::find_finished).bind(1, ended_by).bind(2, limit));
}

/// Reads seq and status.
std::vector<job_status> sqlite_job_table::remove_found(sqlite_statement& found) {
  std::vector<std::int64_t> keys;
  std::vector<job_status> statuses;
  sql_.each(found, [&](const sqlite_statement& row) {
    keys.push_back(row.int64(0));
    statuses.push_back(static_cast<job_status>(row.int64(1)));
  });
  for (const std::int64_t key : keys) {
    sql_.run(sql_.get(query::remove).bind(1, key));
  }
  return statuses;
}

job_counts sqlite_job_table::read_counts() {
  const auto found = sql_.first(sql_.get(query::read_counts), [](const sqlite_statement& row) {
    const auto number = [&](int column) { return static_cast<std::uint64_t>(row.int64(column)); };
    return job_counts{number(0),   number(1), number(2),  number(3),
                      number(4),   number(5), number(6),  milliseconds{row.int64(7)},
                      row.time(8), number(9), number(10), number(11)};
  });
  return found.value_or(job_counts{});
}

void sqlite_job_table::write_counts(const job_counts& counts) {
  sql_.run(sql_.get(query::write_counts)
               .bind(1, counts.pending)
               .bind(2, counts.scheduled)
               .bind(3, counts.processing)
               .bind(4, counts.completed)
               .bind(5, counts.failed)
               .bind(6, counts.cancelled)
               .bind(7, counts.accepted)
               .bind(8, counts.completed_job_time.count())
               .bind(9, counts.last_finished_at)
               .bind(10, counts.stale_reports)
               .bind(11, counts.ambiguous_calls)
               .bind(12, counts.repaired));
}

job_counts sqlite_job_table::count_states() {
  job_counts counted;
  sql_.each(sql_.get(query::count_all), [&](const sqlite_statement& row) {
    count_of(counted, static_cast<job_status>(row.int64(0))) =
        static_cast<std::uint64_t>(row.int64(1));
  });
  return counted;
}

waiting_by_user sqlite_job_table::count_waiting_jobs() {
  waiting_by_user waiting;
  sql_.each(sql_.get(query::count_waiting), [&](const sqlite_statement& row) {
    if (auto user = cipher_.id_of(sqlite_jobs::user_kind, row.text(0))) {
      waiting.emplace(*std::move(user), static_cast<std::uint64_t>(row.int64(1)));
    }
  });
  return waiting;
}

void sqlite_job_table::each_flow(const flow_visitor& visit) {
  sql_.each(sql_.get(query::find_flows), [&](const sqlite_statement& row) {
    const auto lane = static_cast<std::uint32_t>(row.int64(0));
    const auto type = static_cast<int>(row.int64(1));
    if (auto user = cipher_.id_of(sqlite_jobs::user_kind, row.text(2))) {
      visit(sqlite_jobs::flow_in_row(lane, type, *std::move(user)), row.time(3));
    } else {
      log.error("the user of stored jobs cannot be read", {{"reason", user.error().message}});
    }
  });
}

std::vector<type_pause> sqlite_job_table::read_pauses() {
  std::vector<type_pause> pauses;
  sql_.each(sql_.get(query::read_pauses), [&](const sqlite_statement& row) {
    pauses.push_back(
        {static_cast<job_type>(row.int64(0)), row.time(1), row.time(2), std::string{row.text(3)},
         std::string{row.text(4)}}
    );
  });
  return pauses;
}

void sqlite_job_table::write_pause(const type_pause& pause) {
  sql_.run(sql_.get(query::write_pause)
               .bind(1, static_cast<int>(pause.type))
               .bind(2, pause.since)
               .bind(3, pause.until)
               .bind(4, pause.by)
               .bind(5, pause.reason));
}

void sqlite_job_table::remove_pause(job_type type) {
  sql_.run(sql_.get(query::remove_pause).bind(1, static_cast<int>(type)));
}

}  // namespace stayler::adapters
