// SPDX-License-Identifier: MIT
#include "adapters/job_store/sqlite/sqlite_job_store.hpp"

#include "adapters/job_store/fair_queue.hpp"
#include "adapters/job_store/job_transitions.hpp"
#include "adapters/job_store/sqlite/sqlite_job_table.hpp"
#include "adapters/job_store/store_limits.hpp"
#include "adapters/sqlite/file_lock.hpp"
#include "messages/service/node.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

namespace stayler::adapters {

namespace {

/// An error of the database undoes the whole batch: what follows within it may go on with empty
/// hands. An error of a change is its reply's.
class sqlite_job_store final : public job_store {
 public:
  sqlite_job_store(file_lock lock, sqlite_job_table table)
      : lock_(std::move(lock)), table_(std::move(table)) {}

  /// Reads what every outcome says, also that of a batch that fails.
  void_result start() {
    if (auto ended = end_leases(); !ended) {
      return ended;
    }
    counts_ = last_counts_ = table_.read_counts();
    last_due_ = table_.next_due();
    return table_.error() ? void_result{table_.error()} : ok();
  }

  store_outcome execute(std::span<const store_change> batch, timestamp now) override {
    table_.forget_error();
    store_outcome outcome;
    const failure broken = write_all(batch, now, outcome);
    if (broken) {
      // The flows may hold what the database does not: they are read again.
      are_flows_known_ = false;
      outcome.replies.assign(batch.size(), store_reply{broken, {}, false});
      outcome.counts = last_counts_;
      outcome.next_due = last_due_;
    }
    last_counts_ = outcome.counts;
    last_due_ = outcome.next_due;
    return outcome;
  }

  result<job> find(const job_id& id) override {
    table_.forget_error();
    auto row = table_.find(id);
    if (table_.error()) {
      return table_.error();
    }
    return row ? result<job>{std::move(row->stored.value)} : no_such_job(id);
  }

  result<job_page> list(const job_filter& filter) override { return table_.list(filter); }

  result<waiting_status> waiting() override {
    table_.forget_error();
    const auto row = table_.find_oldest_pending();
    read_flows();
    counts_ = table_.read_counts();
    if (table_.error()) {
      return table_.error();
    }
    const auto& paused = waiting_.paused();
    return waiting_status{
        row ? row->stored.value.created_at : timestamp{}, {paused.begin(), paused.end()}, counts_};
  }

  result<job_counts> counts() override {
    table_.forget_error();
    counts_ = table_.read_counts();
    return table_.error() ? result<job_counts>{table_.error()} : counts_;
  }

  [[nodiscard]] bool is_blocking() const noexcept override { return true; }

 private:
  /// Who held leases in this process's predecessor is dead, for the lock is ours: nobody has to
  /// wait until they run out. Those of worker nodes, which may live and come back, are left alone.
  void_result end_leases() {
    auto transaction = table_.begin();
    if (!transaction) {
      return transaction.error();
    }
    constexpr std::size_t all = std::numeric_limits<std::int64_t>::max();
    for (const job_row& row : table_.find_expired(timestamp::max(), all)) {
      if (node_of_worker(row.stored.value.worker_id).empty()) {
        table_.update_lease(row, timestamp{});
      }
    }
    return transaction->commit();
  }

  /// The batch as one transaction; the error that undid all of it.
  failure write_all(std::span<const store_change> batch, timestamp now, store_outcome& outcome) {
    auto transaction = table_.begin();
    if (!transaction) {
      return transaction.error();
    }
    perform_all(batch, now, outcome);
    if (table_.error()) {
      return table_.error();
    }
    auto committed = transaction->commit();
    return committed ? failure{} : committed.error();
  }

  void perform_all(std::span<const store_change> batch, timestamp now, store_outcome& outcome) {
    counts_ = table_.read_counts();
    read_flows();
    const job_counts before = counts_;
    outcome.replies.reserve(batch.size());
    if (is_set(last_due_) && last_due_ <= now) {
      // What has become due since the last batch is pending for all changes of this one.
      make_jobs_due(now);
    }
    for (const store_change& change : batch) {
      if (table_.error()) {
        return;
      }
      outcome.replies.push_back(
          std::visit([&](const auto& wanted) { return perform(wanted, now); }, change)
      );
    }
    make_jobs_due(now);
    if (counts_ != before) {
      table_.write_counts(counts_);
    }
    outcome.counts = counts_;
    outcome.next_due = table_.next_due();
  }

  store_reply perform(const store_op::enqueue& change, timestamp now) {
    if (auto earlier = find_earlier(change.value)) {
      return {{}, {std::move(earlier->stored.value)}, true};
    }
    if (failure full = check_room(counts_, change.max_waiting)) {
      return {std::move(full), {}, false};
    }
    stored_job stored = admit(change.value, now);
    table_.insert(stored);
    count_transition(counts_, std::nullopt, stored.value);
    add_flow_of(stored);
    return {{}, {std::move(stored.value)}, false};
  }

  std::optional<job_row> find_earlier(const job& wanted) {
    const job_request& request = wanted.request;
    auto earlier = table_.find(wanted.id);
    if (!earlier && !request.idempotency_key.empty()) {
      earlier = table_.find_by_key(request);
    }
    return earlier ? std::move(earlier) : table_.find_in_flight(request);
  }

  store_reply perform(const store_op::claim& change, timestamp now) {
    make_jobs_due(now);
    store_reply reply;
    while (reply.jobs.size() < change.workers.size() && !table_.error()) {
      const fair_queue::flow* next = waiting_.next(change.except);
      if (next == nullptr) {
        break;
      }
      const fair_queue::flow flow = *next;
      auto row = table_.find_first_of(flow);
      if (!row) {
        waiting_.remove_flow(flow);
        continue;
      }
      const std::string& worker = change.workers[reply.jobs.size()];
      give_lease(row->stored, worker, change.instance_id, change.lease, now);
      settle(*row, job_status::pending);
      waiting_.requeue_flow(flow, now);
      remove_flow_if_empty(flow);
      reply.jobs.push_back(std::move(row->stored.value));
    }
    return reply;
  }

  store_reply perform(const store_op::renew& change, timestamp now) {
    return report_on(change, now, [this](const job_row& row) {
      table_.update_lease(row, row.stored.value.lease_expires_at);
    });
  }

  template <attempt_report Change>
  store_reply perform(const Change& change, timestamp now) {
    return report_on(change, now, [this](const job_row& row) { table_.update_data(row); });
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
    const auto dead = table_.find(change.id);
    if (dead && table_.find_in_flight(dead->stored.value.request)) {
      return {conversion_in_flight(dead->stored.value), {}, false};
    }
    return change_job(change.id, change, now);
  }

  store_reply perform(const store_op::drop& change, timestamp /*now*/) {
    auto dead = table_.find(change.id);
    if (!dead) {
      return {no_such_job(change.id), {}, false};
    }
    if (failure refused = check_drop(dead->stored.value)) {
      return {std::move(refused), {}, false};
    }
    table_.remove(dead->seq);
    count_removal(counts_, dead->stored.value.status);
    return {{}, {std::move(dead->stored.value)}, false};
  }

  store_reply perform(const store_op::pause& change, timestamp /*now*/) {
    table_.set_paused(change.type, change.is_paused);
    waiting_.set_paused(change.type, change.is_paused);
    return {};
  }

  /// The indexes are SQLite's own; the counts are ours.
  store_reply perform(const store_op::verify_indexes& /*change*/, timestamp /*now*/) {
    job_counts counted = table_.count_rows();
    if (table_.error()) {
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
    for (job_row& row : table_.find_owned(change.instance_id)) {
      take_lease_back(row.stored, now);
      settle(row, job_status::processing);
      reply.jobs.push_back(std::move(row.stored.value));
    }
    return reply;
  }

  store_reply perform(const store_op::find_expired& /*change*/, timestamp now) {
    store_reply reply;
    for (job_row& row : table_.find_expired(now, jobs_per_pass)) {
      reply.jobs.push_back(std::move(row.stored.value));
    }
    return reply;
  }

  store_reply perform(const store_op::purge& change, timestamp now) {
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
    const auto outdated = table_.find_outdated(status, finished_by, limit);
    for (const std::int64_t seq : outdated) {
      table_.remove(seq);
      count_removal(counts_, status);
    }
    return outdated.size();
  }

  template <class Change, class Write>
  store_reply report_on(const Change& change, timestamp now, Write write) {
    auto row = table_.find(change.attempt.job);
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
      write(*row);
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
    auto row = table_.find(id);
    if (!row) {
      return {no_such_job(id), {}, false};
    }
    const job_status before = row->stored.value.status;
    const std::uint32_t band_before = waiting_band(row->stored);
    const auto effect = apply(row->stored, change, now);
    if (!effect) {
      return {effect.error(), {}, false};
    }
    if (*effect == change_effect::applied) {
      settle(*row, before);
      if (before == job_status::pending) {
        const job_request& request = row->stored.value.request;
        remove_flow_if_empty({band_before, request.type, request.user_id});
      }
    }
    return {{}, {std::move(row->stored.value)}, false};
  }

  void make_jobs_due(timestamp now) {
    for (job_row& row : table_.find_due(now, jobs_per_pass)) {
      make_due(row.stored, now);
      settle(row, job_status::scheduled);
    }
  }

  /// Writes a changed job back.
  void settle(const job_row& row, job_status before) {
    table_.update(row);
    count_transition(counts_, before, row.stored.value);
    add_flow_of(row.stored);
  }

  void add_flow_of(const stored_job& stored) {
    if (stored.value.status == job_status::pending) {
      const job_request& request = stored.value.request;
      waiting_.add_flow(
          {priority_band_of(stored), request.type, request.user_id}, waits_since(stored.value)
      );
    }
  }

  void remove_flow_if_empty(const fair_queue::flow& flow) {
    if (!table_.has_any_of(flow)) {
      waiting_.remove_flow(flow);
    }
  }

  /// Whose turn it is lives in memory, as it may be made again from the jobs at any time.
  void read_flows() {
    if (are_flows_known_) {
      return;
    }
    waiting_.clear();
    table_.each_flow([this](const fair_queue::flow& flow, timestamp since) {
      waiting_.add_flow(flow, since);
    });
    const auto paused = table_.read_paused();
    for (const job_type type : all_types) {
      waiting_.set_paused(type, paused.count(type) > 0);
    }
    are_flows_known_ = !table_.error();
  }

  file_lock lock_;
  sqlite_job_table table_;
  fair_queue waiting_;
  bool are_flows_known_ = false;
  job_counts counts_;  ///< as the batch under way has left them
  job_counts last_counts_;
  timestamp last_due_;
};

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
  auto table = sqlite_job_table::open(file, options);
  if (!table) {
    return std::move(table).error();
  }
  auto store = std::make_unique<sqlite_job_store>(std::move(*lock), std::move(*table));
  if (auto started = store->start(); !started) {
    return std::move(started).error();
  }
  return std::unique_ptr<job_store>{std::move(store)};
}

}  // namespace stayler::adapters
