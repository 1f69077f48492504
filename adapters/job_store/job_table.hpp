// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/fair_queue.hpp"
#include "adapters/job_store/job_counting.hpp"
#include "adapters/job_store/job_transitions.hpp"
#include "messages/base/result.hpp"
#include "messages/jobs/job.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/type_pause.hpp"
#include "messages/service/status.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters {

/// A job as a table has it.
struct job_row {
  std::int64_t key = 0;  ///< the table's own
  stored_job stored;
  failure problem{};  ///< the row cannot be read: the job is an unreadable_job()
};

/// By what a table orders the jobs of a state: since when they wait, when they are due, when their
/// lease runs out, when they ended.
inline timestamp time_of(const job& j) noexcept {
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

/// The jobs of an indexed_job_store, with the indexes by which it finds them: what is kept, and
/// how. What a job may become is not its business. Where the table fails, the call does nothing and
/// finds nothing, and the first failure is kept, so that a caller may go on with empty hands and
/// look once, at the end. One thread at a time.
class job_table {
 public:
  using report_function = std::function<result<change_effect>(stored_job&)>;
  using flow_visitor = std::function<void(const fair_queue::flow&, timestamp)>;

  virtual ~job_table() = default;

  /// What has failed since forget_error.
  [[nodiscard]] const failure& error() const noexcept { return error_; }
  void forget_error() { error_ = {}; }

  /// Runs `changes`; what they do to the table becomes durable together, or is undone where that
  /// fails or anything in them has failed. Returns why.
  virtual failure transact(const std::function<void()>& changes) = 0;

  /// True where calls wait for a disk.
  [[nodiscard]] virtual bool is_blocking() const noexcept = 0;

  // One job, or nothing. By an idempotency key the same user's; by a conversion anybody's.
  virtual std::optional<job_row> find(const job_id& id) = 0;
  virtual std::optional<job_row> find_by_key(const job_request& request) = 0;
  virtual std::optional<job_row> find_in_flight(const job_request& request) = 0;
  virtual std::optional<job_row> find_oldest_pending() = 0;
  /// The job that a turn of the flow is for: the oldest of its user and type that goes ahead of
  /// their other jobs, from whichever flow; else, and where the flow itself is ahead of all, its
  /// own oldest.
  virtual std::optional<job_row> first_of(const fair_queue::flow& flow) = 0;

  // Several, the earliest first where there is a limit: scheduled ones that are due, those whose
  // lease has run out, those that an instance has under lease. These, and first_of(), answer with
  // jobs to work on: where a row was changed from outside, it is set aside, and the next one taken.
  virtual std::vector<job_row> find_due(timestamp now, std::size_t limit) = 0;
  virtual std::vector<job_row> find_expired(timestamp now, std::size_t limit) = 0;
  virtual std::vector<job_row> find_owned(const std::string& instance_id) = 0;

  virtual result<job_page> list(const job_filter& filter) = 0;

  /// The earliest due time of a scheduled job; not set: none.
  virtual timestamp next_due() = 0;
  virtual bool has_any_of(const fair_queue::flow& flow) = 0;
  /// Each flow of pending jobs and since when its first one waits, the longest first; one may come
  /// more than once.
  virtual void each_flow(const flow_visitor& visit) = 0;

  virtual void insert(const stored_job& stored) = 0;
  /// Writes a job back that a transition has changed.
  virtual void update(const job_row& row) = 0;
  /// Lets `report` change a job under lease where the table has it, and keeps what it has applied.
  /// Returns what the report did or why it was refused; nothing where there is no such job.
  virtual std::optional<result<change_effect>> update_in_place(
      const job_id& id, const report_function& report
  ) = 0;
  virtual void remove(const job_row& row) = 0;
  /// Removes jobs that ended until then, the earliest first: dead letters, or completed and
  /// cancelled ones. Returns the states that they were in.
  virtual std::vector<job_status> remove_dead_letters(timestamp ended_by, std::size_t limit) = 0;
  virtual std::vector<job_status> remove_finished(timestamp ended_by, std::size_t limit) = 0;

  // The counts are the store's: the table keeps them, and counts its jobs' states when asked.
  virtual job_counts read_counts() = 0;
  virtual void write_counts(const job_counts& counts) = 0;
  virtual job_counts count_states() = 0;
  virtual waiting_by_user count_waiting_jobs() = 0;

  virtual std::vector<type_pause> read_pauses() = 0;
  /// In place of an earlier one of that type.
  virtual void write_pause(const type_pause& pause) = 0;
  virtual void remove_pause(job_type type) = 0;

  /// The states of the jobs that were set aside since the last call: their rows cannot be read, and
  /// are dead letters now.
  std::vector<job_status> take_set_aside() { return std::exchange(set_aside_, {}); }

 protected:
  void note_set_aside(job_status before) { set_aside_.push_back(before); }

  void keep_error(const failure& error) {
    if (!error_) {
      error_ = error;
    }
  }

 private:
  failure error_;
  std::vector<job_status> set_aside_;
};

}  // namespace stayler::adapters
