// SPDX-License-Identifier: MIT
#include "adapters/job_store/sqlite_job_store.hpp"

#include "adapters/job_store/job_codec.hpp"
#include "adapters/job_store/job_transitions.hpp"
#include "adapters/job_store/sqlite_job_listing.hpp"
#include "adapters/job_store/sqlite_job_schema.hpp"
#include "adapters/job_store/store_limits.hpp"
#include "adapters/job_store/turn_order.hpp"
#include "adapters/sqlite/file_lock.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "messages/node.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <utility>

namespace stayler::adapters {

namespace {

using sqlite_jobs::query;

std::span<const std::byte> bytes_of(const std::string& text) noexcept {
  return std::as_bytes(std::span{text.data(), text.size()});
}

std::span<const std::byte> bytes_of(const job_id& id) noexcept {
  return std::as_bytes(std::span{id.value.bytes});
}

std::string_view text_of(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A row of the table.
struct job_row {
  std::int64_t seq = 0;
  stored_job stored;
};

/// What the status of a job waits for: the column `at`.
timestamp time_of(const job& j) noexcept {
  switch (j.status) {
    case job_status::pending:
      return waits_since(j);
    case job_status::scheduled:
      return j.due_at;
    case job_status::processing:
      return j.lease_expires_at;
    default:
      return j.completed_at;
  }
}

std::uint32_t waiting_lane(const stored_job& stored) noexcept {
  return stored.value.status == job_status::pending ? lane_of(stored) : 0;
}

/// An error of the database is kept until the end of the batch, and undoes all of it: what follows
/// within the batch may go on with empty hands. An error of a change is its reply's.
class sqlite_job_store final : public job_store {
 public:
  sqlite_job_store(
      file_lock lock, sqlite_database database, std::vector<sqlite_statement> statements
  )
      : lock_(std::move(lock)),
        database_(std::move(database)),
        statements_(std::move(statements)) {}

  /// Reads what every outcome says, also that of a batch that fails.
  void_result start() {
    end_leases();
    read_counts();
    last_counts_ = counts_;
    last_due_ = next_due();
    return broken_ ? void_result{broken_} : ok();
  }

  store_outcome execute(std::span<const store_change> batch, timestamp now) override {
    broken_ = {};
    store_outcome outcome;
    auto transaction = database_.begin();
    if (!transaction) {
      note(transaction.error());
    } else {
      perform_all(batch, now, outcome);
      if (!broken_) {
        if (auto committed = transaction->commit(); !committed) {
          note(committed.error());
        }
      }
    }
    if (broken_) {
      // The turns may hold what the database does not: they are read again.
      are_turns_known_ = false;
      outcome.replies.assign(batch.size(), store_reply{broken_, {}, false});
      outcome.counts = last_counts_;
      outcome.next_due = last_due_;
    }
    last_counts_ = outcome.counts;
    last_due_ = outcome.next_due;
    return outcome;
  }

  result<job> find(const job_id& id) override {
    broken_ = {};
    auto row = find_by_id(id);
    if (broken_) {
      return broken_;
    }
    return row ? result<job>{std::move(row->stored.value)} : no_such_job(id);
  }

  result<job_page> list(const job_filter& filter) override {
    return list_sqlite_jobs(database_, filter);
  }

  result<waiting_status> waiting() override {
    broken_ = {};
    const auto row = find_row(get(query::find_oldest));
    read_turns();
    read_counts();
    if (broken_) {
      return broken_;
    }
    const auto& paused = turns_.paused();
    return waiting_status{
        row ? row->stored.value.created_at : timestamp{}, {paused.begin(), paused.end()}, counts_};
  }

  result<job_counts> counts() override {
    broken_ = {};
    read_counts();
    return broken_ ? result<job_counts>{broken_} : counts_;
  }

  [[nodiscard]] bool is_blocking() const noexcept override { return true; }

 private:
  sqlite_statement& get(query which) { return statements_[static_cast<std::size_t>(which)]; }

  void note(const failure& error) {
    if (!broken_) {
      broken_ = error;
    }
  }

  void run(sqlite_statement& statement) {
    if (auto done = statement.run(); !done) {
      note(done.error());
    }
  }

  template <class Read>
  auto first(sqlite_statement& statement, Read read)
      -> std::optional<std::invoke_result_t<Read&, const sqlite_statement&>> {
    auto row = statement.first(read);
    if (!row) {
      note(row.error());
      return std::nullopt;
    }
    return std::move(*row);
  }

  /// Reads seq, lane, owner and data.
  job_row read_row(const sqlite_statement& row) {
    auto value = decode_job(text_of(row.blob(3)));
    if (!value) {
      note(value.error());
      return {};
    }
    const bool is_promoted = row.int64(1) == std::int64_t{promoted_lane};
    return {row.int64(0), {std::move(*value), std::string{row.text(2)}, is_promoted}};
  }

  std::optional<job_row> find_row(sqlite_statement& statement) {
    return first(statement, [this](const sqlite_statement& row) { return read_row(row); });
  }

  /// Who held leases in this process's predecessor is dead, for the lock is ours: nobody has to
  /// wait until they run out. Those of worker nodes, which may live and come back, are left alone.
  void end_leases() {
    auto transaction = database_.begin();
    if (!transaction) {
      note(transaction.error());
      return;
    }
    constexpr int no_limit = -1;
    auto& leased = get(query::find_expired).bind(1, timestamp::max()).bind(2, no_limit);
    for (const job_row& row : find_rows(leased)) {
      if (node_of_worker(row.stored.value.worker_id).empty()) {
        run(get(query::update_lease)
                .bind(1, row.seq)
                .bind(2, timestamp{})
                .bind_blob(3, bytes_of(encode_job(row.stored.value))));
      }
    }
    if (auto committed = transaction->commit(); !committed) {
      note(committed.error());
    }
  }

  std::vector<job_row> find_rows(sqlite_statement& statement) {
    std::vector<job_row> rows;
    const auto done =
        statement.for_each([&](const sqlite_statement& row) { rows.push_back(read_row(row)); });
    if (!done) {
      note(done.error());
    }
    return rows;
  }

  void perform_all(std::span<const store_change> batch, timestamp now, store_outcome& outcome) {
    read_counts();
    read_turns();
    const job_counts before = counts_;
    outcome.replies.reserve(batch.size());
    if (is_set(last_due_) && last_due_ <= now) {
      // What has become due since the last batch is pending for all changes of this one.
      make_jobs_due(now);
    }
    for (const store_change& change : batch) {
      if (broken_) {
        return;
      }
      outcome.replies.push_back(
          std::visit([&](const auto& wanted) { return perform(wanted, now); }, change)
      );
    }
    make_jobs_due(now);
    if (counts_ != before) {
      write_counts();
    }
    outcome.counts = counts_;
    outcome.next_due = next_due();
  }

  timestamp next_due() {
    const auto due =
        first(get(query::next_due), [](const sqlite_statement& row) { return row.time(0); });
    return due.value_or(timestamp{});
  }

  store_reply perform(const store_op::enqueue& change, timestamp now) {
    if (auto earlier = find_earlier(change.value)) {
      return {{}, {std::move(earlier->stored.value)}, true};
    }
    if (failure full = check_room(counts_, change.max_waiting)) {
      return {std::move(full), {}, false};
    }
    stored_job stored = admit(change.value, now);
    const job& j = stored.value;
    const std::string data = encode_job(j);
    run(get(query::insert)
            .bind_blob(1, bytes_of(j.id))
            .bind(2, j.request.user_id)
            .bind(3, j.request.conversion_id)
            .bind(4, j.request.idempotency_key)
            .bind(5, static_cast<int>(j.status))
            .bind(6, waiting_lane(stored))
            .bind(7, static_cast<int>(j.request.type))
            .bind(8, time_of(j))
            .bind_blob(9, bytes_of(data)));
    count_transition(counts_, std::nullopt, j);
    join_line(stored);
    return {{}, {std::move(stored.value)}, false};
  }

  std::optional<job_row> find_earlier(const job& wanted) {
    const job_request& request = wanted.request;
    auto earlier = find_by_id(wanted.id);
    if (!earlier && !request.idempotency_key.empty()) {
      earlier =
          find_row(get(query::find_key).bind(1, request.user_id).bind(2, request.idempotency_key));
    }
    return earlier ? std::move(earlier) : find_in_flight(request);
  }

  std::optional<job_row> find_in_flight(const job_request& request) {
    auto& found = get(query::find_in_flight);
    return find_row(found.bind(1, request.user_id).bind(2, request.conversion_id));
  }

  std::optional<job_row> find_by_id(const job_id& id) {
    return find_row(get(query::find_id).bind_blob(1, bytes_of(id)));
  }

  store_reply perform(const store_op::claim& change, timestamp now) {
    make_jobs_due(now);
    store_reply reply;
    while (reply.jobs.size() < change.workers.size() && !broken_) {
      const turn_order::line* next = turns_.next(change.except);
      if (next == nullptr) {
        break;
      }
      const turn_order::line line = *next;
      auto row = first_of(line);
      if (!row) {
        turns_.leave(line);
        continue;
      }
      const std::string& worker = change.workers[reply.jobs.size()];
      give_lease(row->stored, worker, change.owner, change.lease, now);
      settle(*row, job_status::pending);
      turns_.yield(line, now);
      leave_line_if_empty(line);
      reply.jobs.push_back(std::move(row->stored.value));
    }
    return reply;
  }

  /// The oldest job of a line.
  std::optional<job_row> first_of(const turn_order::line& line) {
    auto& found = get(query::find_line);
    return find_row(found.bind(1, line.lane).bind(2, static_cast<int>(line.type)).bind(3, line.user)
    );
  }

  store_reply perform(const store_op::renew& change, timestamp now) {
    return report_on(change, now, [this](const job_row& row, const std::string& data) {
      run(get(query::update_lease)
              .bind(1, row.seq)
              .bind(2, row.stored.value.lease_expires_at)
              .bind_blob(3, bytes_of(data)));
    });
  }

  template <attempt_report Change>
  store_reply perform(const Change& change, timestamp now) {
    return report_on(change, now, [this](const job_row& row, const std::string& data) {
      run(get(query::update_data).bind(1, row.seq).bind_blob(2, bytes_of(data)));
    });
  }

  template <attempt_end Change>
  store_reply perform(const Change& change, timestamp now) {
    return end_attempt(change, now);
  }

  template <job_change Change>
  store_reply perform(const Change& change, timestamp now) {
    return change_job(change.id, change, now);
  }

  store_reply perform(const store_op::retry& change, timestamp now) {
    const auto dead = find_by_id(change.id);
    if (dead && find_in_flight(dead->stored.value.request)) {
      return {conversion_in_flight(dead->stored.value), {}, false};
    }
    return change_job(change.id, change, now);
  }

  store_reply perform(const store_op::drop& change, timestamp /*now*/) {
    auto dead = find_by_id(change.id);
    if (!dead) {
      return {no_such_job(change.id), {}, false};
    }
    if (failure refused = check_drop(dead->stored.value)) {
      return {std::move(refused), {}, false};
    }
    run(get(query::remove).bind(1, dead->seq));
    count_removal(counts_, dead->stored.value.status);
    return {{}, {std::move(dead->stored.value)}, false};
  }

  store_reply perform(const store_op::pause& change, timestamp /*now*/) {
    auto& statement = get(change.is_paused ? query::add_paused : query::remove_paused);
    run(statement.bind(1, static_cast<int>(change.type)));
    turns_.set_paused(change.type, change.is_paused);
    return {};
  }

  /// The indexes are SQLite's own; the counts are ours.
  store_reply perform(const store_op::audit& /*change*/, timestamp /*now*/) {
    job_counts counted;
    const auto done = get(query::count_all).for_each([&](const sqlite_statement& row) {
      count_of(counted, static_cast<job_status>(row.int64(0))) =
          static_cast<std::uint64_t>(row.int64(1));
    });
    if (!done) {
      note(done.error());
      return {};
    }
    for (const job_status status : all_statuses) {
      if (count_of(counts_, status) != count_of(counted, status)) {
        count_of(counts_, status) = count_of(counted, status);
        ++counts_.repaired;
      }
    }
    return {};
  }

  store_reply perform(const store_op::reclaim& change, timestamp now) {
    store_reply reply;
    for (job_row& row : find_rows(get(query::find_owned).bind(1, change.owner))) {
      take_lease_back(row.stored, now);
      settle(row, job_status::processing);
      reply.jobs.push_back(std::move(row.stored.value));
    }
    return reply;
  }

  store_reply perform(const store_op::find_expired& /*change*/, timestamp now) {
    store_reply reply;
    for (job_row& row : find_rows(get(query::find_expired).bind(1, now).bind(2, jobs_per_pass))) {
      reply.jobs.push_back(std::move(row.stored.value));
    }
    return reply;
  }

  store_reply perform(const store_op::sweep& change, timestamp now) {
    std::size_t left = jobs_per_pass;
    const auto remove = [&](job_status status, timestamp finished_by, std::size_t most) {
      left -= remove_outdated(status, finished_by, std::min(left, most));
    };
    remove(job_status::completed, now - change.retention, left);
    remove(job_status::cancelled, now - change.retention, left);
    remove(job_status::failed, now - change.dead_letter_retention, left);
    remove(job_status::completed, now, surplus_finished(counts_, change));
    remove(job_status::cancelled, now, surplus_finished(counts_, change));
    remove(job_status::failed, now, surplus_dead(counts_, change));
    return {{}, {}, false, left == 0};
  }

  std::size_t remove_outdated(job_status status, timestamp finished_by, std::size_t limit) {
    std::vector<std::int64_t> outdated;
    auto& found = get(query::find_outdated)
                      .bind(1, static_cast<int>(status))
                      .bind(2, finished_by)
                      .bind(3, limit);
    const auto done =
        found.for_each([&](const sqlite_statement& row) { outdated.push_back(row.int64(0)); });
    if (!done) {
      note(done.error());
    }
    for (const std::int64_t seq : outdated) {
      run(get(query::remove).bind(1, seq));
      count_removal(counts_, status);
    }
    return outdated.size();
  }

  template <class Change, class Write>
  store_reply report_on(const Change& change, timestamp now, Write write) {
    auto row = find_by_id(change.attempt.job);
    if (!row) {
      ++counts_.stale_reports;
      return {no_such_lease(change.attempt), {}, false};
    }
    const auto effect = apply(row->stored, change, now);
    if (!effect) {
      ++counts_.stale_reports;
      return {effect.error(), {}, false};
    }
    if (*effect == change_effect::applied) {
      write(*row, encode_job(row->stored.value));
    }
    return {};
  }

  template <class Change>
  store_reply end_attempt(const Change& change, timestamp now) {
    store_reply reply = change_job(change.attempt.job, change, now);
    if (reply.error) {
      ++counts_.stale_reports;
    }
    if (reply.error.kind == error_class::not_found) {
      reply.error = no_such_lease(change.attempt);
    }
    return reply;
  }

  template <class Change>
  store_reply change_job(const job_id& id, const Change& change, timestamp now) {
    auto row = find_by_id(id);
    if (!row) {
      return {no_such_job(id), {}, false};
    }
    const job_status before = row->stored.value.status;
    const std::uint32_t lane_before = waiting_lane(row->stored);
    const auto effect = apply(row->stored, change, now);
    if (!effect) {
      return {effect.error(), {}, false};
    }
    if (*effect == change_effect::applied) {
      settle(*row, before);
      if (before == job_status::pending) {
        const job_request& request = row->stored.value.request;
        leave_line_if_empty({lane_before, request.type, request.user_id});
      }
    }
    return {{}, {std::move(row->stored.value)}, false};
  }

  void make_jobs_due(timestamp now) {
    for (job_row& row : find_rows(get(query::find_due).bind(1, now).bind(2, jobs_per_pass))) {
      make_due(row.stored, now);
      settle(row, job_status::scheduled);
    }
  }

  /// Writes a changed job back.
  void settle(const job_row& row, job_status before) {
    const job& j = row.stored.value;
    const std::string data = encode_job(j);
    run(get(query::update_all)
            .bind(1, row.seq)
            .bind(2, static_cast<int>(j.status))
            .bind(3, waiting_lane(row.stored))
            .bind(4, time_of(j))
            .bind(5, row.stored.owner)
            .bind_blob(6, bytes_of(data)));
    count_transition(counts_, before, j);
    join_line(row.stored);
  }

  void join_line(const stored_job& stored) {
    if (stored.value.status == job_status::pending) {
      const job_request& request = stored.value.request;
      turns_.join({lane_of(stored), request.type, request.user_id}, waits_since(stored.value));
    }
  }

  void leave_line_if_empty(const turn_order::line& line) {
    auto& any = get(query::find_any_of_line);
    any.bind(1, line.lane).bind(2, static_cast<int>(line.type)).bind(3, line.user);
    if (!first(any, [](const sqlite_statement&) { return true; })) {
      turns_.leave(line);
    }
  }

  /// Whose turn it is lives in memory, as it may be made again from the jobs at any time.
  void read_turns() {
    if (are_turns_known_) {
      return;
    }
    turns_.clear();
    const auto done = get(query::find_lines).for_each([this](const sqlite_statement& row) {
      turns_.join(
          {static_cast<std::uint32_t>(row.int64(0)), static_cast<job_type>(row.int64(1)),
           std::string{row.text(2)}},
          row.time(3)
      );
    });
    if (!done) {
      note(done.error());
    }
    are_turns_known_ = done.has_value() && read_paused();
  }

  bool read_paused() {
    std::set<job_type> paused;
    const auto done = get(query::read_paused).for_each([&](const sqlite_statement& row) {
      paused.insert(static_cast<job_type>(row.int64(0)));
    });
    if (!done) {
      note(done.error());
    }
    for (const job_type type : all_types) {
      turns_.set_paused(type, paused.count(type) > 0);
    }
    return done.has_value();
  }

  void read_counts() {
    const auto found = first(get(query::read_counts), [](const sqlite_statement& row) {
      const auto number = [&](int column) { return static_cast<std::uint64_t>(row.int64(column)); };
      return job_counts{number(0),   number(1), number(2),  number(3),
                        number(4),   number(5), number(6),  milliseconds{row.int64(7)},
                        row.time(8), number(9), number(10), number(11)};
    });
    counts_ = found.value_or(job_counts{});
  }

  void write_counts() {
    run(get(query::write_counts)
            .bind(1, counts_.pending)
            .bind(2, counts_.scheduled)
            .bind(3, counts_.processing)
            .bind(4, counts_.completed)
            .bind(5, counts_.failed)
            .bind(6, counts_.cancelled)
            .bind(7, counts_.accepted)
            .bind(8, counts_.completed_job_time.count())
            .bind(9, counts_.last_finished_at)
            .bind(10, counts_.stale_reports)
            .bind(11, counts_.ambiguous_calls)
            .bind(12, counts_.repaired));
  }

  file_lock lock_;
  sqlite_database database_;
  std::vector<sqlite_statement> statements_;
  turn_order turns_;
  bool are_turns_known_ = false;
  job_counts counts_;  ///< as the batch under way has left them
  failure broken_;     ///< the first error of the database in this call
  job_counts last_counts_;
  timestamp last_due_;
};

/// A job touches a page of each of nine indexes: with SQLite's own 2 MiB of cache and a checkpoint
/// at each 4 MiB, most of the time went to reading and writing the same pages again.
void_result tune(sqlite_database& database, const sqlite_job_store_options& options) {
  std::string pragmas = "PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=4000;";
  if (options.synchronous == sqlite_job_store_options::durability::normal) {
    pragmas += "PRAGMA synchronous=NORMAL;";
  }
  return database.exec(pragmas);
}

result<file_lock> lock_for(const std::filesystem::path& file) {
  std::error_code ignored;  // what is wrong with the folder shows when the lock is opened
  std::filesystem::create_directories(file.parent_path(), ignored);
  return file_lock::acquire(file.string() + "-lock");
}

}  // namespace

result<std::unique_ptr<job_store>> open_sqlite_job_store(
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
  auto migrated = database->migrate(sqlite_jobs::schema_name, sqlite_jobs::migrations);
  if (!migrated) {
    return std::move(migrated).error();
  }
  if (auto tuned = tune(*database, options); !tuned) {
    return std::move(tuned).error();
  }
  std::vector<sqlite_statement> statements;
  for (const std::string_view sql : sqlite_jobs::statements) {
    auto statement = database->prepare(sql);
    if (!statement) {
      return std::move(statement).error();
    }
    statements.push_back(std::move(*statement));
  }
  auto store = std::make_unique<sqlite_job_store>(
      std::move(*lock), std::move(*database), std::move(statements)
  );
  if (auto started = store->start(); !started) {
    return std::move(started).error();
  }
  return std::unique_ptr<job_store>{std::move(store)};
}

}  // namespace stayler::adapters
