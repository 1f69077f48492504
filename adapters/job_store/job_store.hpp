// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/store_op.hpp"
#include "messages/base/result.hpp"
#include "messages/jobs/conversion_owner.hpp"
#include "messages/jobs/job.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/type_pause.hpp"
#include "messages/service/status.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace stayler::adapters {

/// The answer to one change: an error, or the jobs as they are after it. What an attempt reports
/// while it runs is answered with no job, to keep the hot path free of copies.
struct store_reply {
  failure error;
  std::vector<job> jobs;
  bool existing = false;  ///< enqueue: an earlier job was returned
  bool has_more = false;  ///< purge: there may be more to remove; claim: suspects were left out
  pause_change pause{};   ///< pause, resume: what they have changed
};

/// The reply to a change that was not refused, with the job after it.
inline store_reply with_job(job after) {
  store_reply reply;
  reply.jobs.push_back(std::move(after));
  return reply;
}

inline store_reply refusal(failure why) {
  store_reply reply;
  reply.error = std::move(why);
  return reply;
}

/// True where a key names one request, and is asked to name another. Jobs that came before there
/// were fingerprints are equal to any.
inline bool reuses_key(const job_request& wanted, const job_request& earlier) {
  return !wanted.idempotency_key.empty() && wanted.idempotency_key == earlier.idempotency_key
         && !wanted.fingerprint.empty() && !earlier.fingerprint.empty()
         && wanted.fingerprint != earlier.fingerprint;
}

/// The reply to a submission that has met an earlier job, by its key or its conversion.
inline store_reply answer_repetition(const job& wanted, job earlier) {
  if (earlier.request.user_id != wanted.request.user_id) {
    return refusal(conversion_of_another(wanted.request.conversion_id));
  }
  if (reuses_key(wanted.request, earlier.request)) {
    return refusal(
        {error_class::key_reused,
         "the idempotency key belongs to job " + to_string(earlier.id)
             + ", which was asked for in another way; another job needs another key"}
    );
  }
  store_reply reply = with_job(std::move(earlier));
  reply.existing = true;
  return reply;
}

/// Everything that one batch brought.
struct store_outcome {
  std::vector<store_reply> replies;  ///< one per change, in order
  job_counts counts;                 ///< after the batch
  timestamp next_due;                ///< earliest end of a wait: of a scheduled job, of a pause
  std::vector<type_pause> ended_pauses{};  ///< that have come to their end since the last batch
};

/// When a job could first have run, as it stands now: it was accepted then, or became due.
inline timestamp could_run_at(const job& about) {
  return std::max(about.created_at, about.due_at);
}

/// What waits, and why; and how many there are in each state, also by the doing of other processes.
struct waiting_status {
  timestamp oldest_pending;        ///< its creation time; not set where none is pending
  std::vector<type_pause> paused;  ///< of these types no job is given out; one may have ended
  job_counts counts{};
  timestamp oldest_due{};  ///< since when that job could have run
  bool is_reaper = true;   ///< of all processes that share the store, the caller's looks after it
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

  /// One page, newest first. Where the store is blocking, one more thread may call it beside the
  /// other calls: looking through ten thousand jobs must not hold up those that change.
  /// unavailable.
  virtual result<job_page> list(const job_filter& filter) = 0;

  /// unavailable.
  virtual result<waiting_status> waiting() = 0;

  /// The counts, kept by the transitions. unavailable.
  virtual result<job_counts> counts() = 0;

  /// `callback` is called, on any thread, when another process has made work available or has
  /// cancelled a job that runs. Such a call may get lost: it spares a wait, and nothing depends on
  /// it. A store that belongs to one process never calls.
  virtual void on_external_change(std::function<void(const external_change&)> callback) {
    static_cast<void>(callback);
  }

  /// True where calls may wait for a disk or a network: such a store gets a thread of its own.
  [[nodiscard]] virtual bool is_blocking() const noexcept = 0;
};

}  // namespace stayler::adapters
