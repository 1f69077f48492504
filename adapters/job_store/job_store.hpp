// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"
#include "messages/base/result.hpp"
#include "messages/service/status.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace stayler::adapters {

/// The changes that a job store knows. Each is checked against the job's state and, where an
/// attempt makes it, the attempt's fencing token, in the store itself and atomically. `now` is the
/// caller's clock; a store with a clock of its own (Redis) uses that one for leases.
namespace store_op {

/// Takes a new job in. Returns the job as stored; where its idempotency key is known, or its
/// conversion is still in flight, returns that earlier job and sets `existing`. rate_limited where
/// so many jobs wait (pending or scheduled) already.
struct enqueue {
  job value;
  std::uint64_t max_waiting = 0;  ///< 0: no bound
};

/// Leases up to workers.size() jobs that are due and of no paused type, by priority, then age; one
/// per worker, in order.
struct claim {
  std::vector<std::string> workers;
  std::string owner;  ///< the process's incarnation, for reclaim
  milliseconds lease{0};
  std::vector<job_type> except{};  ///< of these types none, as if they were paused
};

/// Extends a lease. conflict where the lease has moved on.
struct renew {
  attempt_id attempt;
  milliseconds lease{0};
};

/// Notes how far an attempt is. conflict where the lease has moved on.
struct update_progress {
  attempt_id attempt;
  job_progress progress;
};

/// Enters an attempt's call to the provider in the ledger, before it is sent. conflict where the
/// lease has moved on.
struct open_call {
  attempt_id attempt;
};

/// The call was answered. conflict where the lease has moved on.
struct settle_call {
  attempt_id attempt;
  call_settlement how;
};

/// processing -> completed.
struct complete {
  attempt_id attempt;
  job_result result;
};

/// What a lease's end was, for the three counters that are kept apart.
enum class end_of_lease : std::uint8_t {
  failed,       ///< counts as an attempt
  refunded,     ///< the provider's doing (rate limit): counts nowhere
  interrupted,  ///< handed back: counts as an interruption
  crashed,      ///< worker lost: counts as a crash
};

/// processing -> scheduled until `due_at`, or pending where that is not set.
struct requeue {
  attempt_id attempt;
  end_of_lease cause = end_of_lease::failed;
  failure error;
  timestamp due_at;
};

/// processing -> failed. `cause` is failed or crashed.
struct fail {
  attempt_id attempt;
  end_of_lease cause = end_of_lease::failed;
  failure error;
};

/// Any state that is not final -> cancelled. not_found; conflict where the job is final, or its
/// attempt has reported the stage `recording`: the point of no return.
struct cancel {
  job_id id;
};

/// pending or scheduled -> pending, ahead of all others. not_found; conflict in other states.
struct prioritize {
  job_id id;
};

/// scheduled -> pending before its time, in the turn that it has then. not_found; conflict in other
/// states.
struct make_available {
  job_id id;
};

/// failed -> pending, with attempts and crashes counted anew: a dead letter's second life.
/// not_found; conflict in other states, or where the same conversion is in flight again.
struct retry {
  job_id id;
};

/// Removes a dead letter. Returns it as it was. not_found; conflict in other states.
struct drop {
  job_id id;
};

/// Gives out no more jobs of that type, or does so again. Outlives the process where jobs do.
struct pause {
  job_type type = job_type::image_conversion;
  bool is_paused = true;
};

/// Every lease of that owner back to pending, as interruptions: a queue that starts anew knows
/// none of the leases that the last one gave. Returns the jobs.
struct reclaim {
  std::string owner;
};

/// The jobs whose lease has run out. The caller decides what becomes of each; nothing changes.
struct find_expired {};

/// Removes final jobs that are older than their retention, and the oldest of those beyond a number,
/// dead letters counted apart. A bounded number at a time: sets `has_more` where that was reached.
struct purge {
  milliseconds retention{0};
  milliseconds dead_letter_retention{0};
  std::uint64_t max_finished = 0;  ///< completed and cancelled, and dead letters; 0: no bound
};

/// Looks at every job, some at a time, and brings indexes and counts that disagree with it back in
/// line; job_counts::repaired counts how often. There should never be anything to do.
struct verify_indexes {};

}  // namespace store_op

using store_change = std::variant<
    store_op::enqueue,
    store_op::claim,
    store_op::renew,
    store_op::update_progress,
    store_op::open_call,
    store_op::settle_call,
    store_op::complete,
    store_op::requeue,
    store_op::fail,
    store_op::cancel,
    store_op::prioritize,
    store_op::make_available,
    store_op::retry,
    store_op::drop,
    store_op::pause,
    store_op::reclaim,
    store_op::find_expired,
    store_op::purge,
    store_op::verify_indexes>;

/// The answer to one change: an error, or the jobs as they are after it. What an attempt reports
/// while it runs is answered with no job, to keep the hot path free of copies.
struct store_reply {
  failure error;
  std::vector<job> jobs;
  bool existing = false;  ///< enqueue: an earlier job was returned
  bool has_more = false;  ///< purge: there may be more to remove
};

/// Everything that one batch brought.
struct store_outcome {
  std::vector<store_reply> replies;  ///< one per change, in order
  job_counts counts;                 ///< after the batch
  timestamp next_due;                ///< earliest due time of a scheduled job; not set: none
};

/// What waits, and why; and how many there are in each state, also by the doing of other processes.
struct waiting_status {
  timestamp oldest_pending;      ///< its creation time; not set where none is pending
  std::vector<job_type> paused;  ///< types that are not given out
  job_counts counts{};
};

/// What another process has done to the jobs of a store that several share.
struct external_change {
  job_id cancelled;  ///< that job, while somebody held its lease; nil: work has become available
};

/// Keeps jobs. The contract is batch-first: `execute` applies all changes of a batch in order and
/// makes them durable together (one transaction, one pipeline), so that one flush serves everything
/// that arrived while the last one was under way. Calls come from one thread at a time
/// (synchronized_job_store.hpp sees to that) and may block where `is_blocking` says so. All
/// implementations pass tests/integration/job_store/job_store_conformance.hpp.
class job_store {
 public:
  virtual ~job_store() = default;

  /// Applies the batch. When the store cannot be reached every reply is `unavailable`, when it has
  /// no room left `store_full`; nothing has changed then, or it is not known whether it has.
  virtual store_outcome execute(std::span<const store_change> batch, timestamp now) = 0;

  /// One job. not_found, unavailable.
  virtual result<job> find(const job_id& id) = 0;

  /// One page, newest first. unavailable.
  virtual result<job_page> list(const job_filter& filter) = 0;

  /// unavailable.
  virtual result<waiting_status> waiting() = 0;

  /// The counts, kept by the transitions. unavailable.
  virtual result<job_counts> counts() = 0;

  /// `told` is called, on any thread, when another process has made work available or has cancelled
  /// a job that runs. News may get lost: they spare a wait, and nothing depends on them. A store
  /// that belongs to one process never calls it.
  virtual void on_external_change(std::function<void(const external_change&)> told) { static_cast<void>(told); }

  /// True where calls may wait for a disk or a network: such a store gets a thread of its own.
  [[nodiscard]] virtual bool is_blocking() const noexcept = 0;
};

/// A store in this process's memory; what it holds ends with the process.
std::unique_ptr<job_store> make_memory_job_store();

}  // namespace stayler::adapters
