// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"
#include "messages/jobs/type_pause.hpp"

#include <cstdint>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace stayler::adapters {

/// The changes that a job store knows. Each is checked against the job's state and, where an
/// attempt makes it, the attempt's fencing token, in the store itself and atomically. `now` is the
/// caller's clock; a store with a clock of its own (Redis) uses that one for leases.
namespace store_op {

/// Takes a new job in. Returns the job as stored; where its idempotency key is known, or its
/// conversion is still in flight, returns that earlier job and sets `existing`. key_reused where
/// the key named another request; conflict where the conversion in flight is another user's;
/// rate_limited where so many jobs wait (pending or scheduled) already, in all or of its user.
struct enqueue {
  job value;
  std::uint64_t max_waiting = 0;          ///< 0: no bound
  std::uint64_t max_waiting_of_user = 0;  ///< 0: no bound
};

/// What becomes of suspects (messages/jobs/suspect.hpp) in a claim.
enum class suspect_rule : std::uint8_t {
  as_others,  ///< they are given out as other jobs are
  left_out,
  only,  ///< no other job is given out
};

/// Leases up to workers.size() jobs that are due and of no paused type, by priority, then age; one
/// per worker, in order. Sets `has_more` where suspects wait that were left out.
struct claim {
  std::vector<std::string> workers;
  std::string instance_id;  ///< of the process that claims, for reclaim
  milliseconds lease{0};
  std::vector<job_type> except{};  ///< of these types none, as if they were paused
  suspect_rule suspects = suspect_rule::as_others;
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
  call_settlement settlement;
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

/// pending or scheduled -> pending, ahead of others; it never loses what precedence it has.
/// not_found; conflict in other states.
struct prioritize {
  job_id id;
  precedence over = precedence::all_jobs;
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

/// Removes a job that is final, however it ended, with all that the store knows of it: an
/// idempotency key names no job then. Returns it as it was. not_found; conflict in other states.
struct erase {
  job_id id;
};

/// Gives out no more jobs of a type, until it is resumed or the pause's own end. Outlives the
/// process where jobs do. Takes the place of an earlier pause of that type, whose `since` it keeps.
struct pause {
  type_pause value;
};

/// Gives out jobs of that type again. Where it is not paused, nothing happens.
struct resume {
  job_type type = job_type::image_conversion;
  std::string by{};  ///< the name of the caller's key, for those who follow; empty: there is none
};

/// Every lease of that instance back to pending, as interruptions: a queue that starts anew knows
/// none of the leases that the last one gave. Returns the jobs.
struct reclaim {
  std::string instance_id;
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
    store_op::erase,
    store_op::pause,
    store_op::resume,
    store_op::reclaim,
    store_op::find_expired,
    store_op::purge,
    store_op::verify_indexes>;

template <class T, class... Any>
concept one_of = (std::is_same_v<T, Any> || ...);

// Kinds of operations that stores, history and event feed treat alike. Whoever handles operations
// names every one of them, as an overload or in a list of those there is nothing to do for, and has
// no overload for "all others": so a new operation does not compile until each has its answer.

/// What an attempt reports while it runs.
template <class T>
concept attempt_report = one_of<
    T,
    store_op::renew,
    store_op::update_progress,
    store_op::open_call,
    store_op::settle_call>;

/// What ends an attempt.
template <class T>
concept attempt_end = one_of<T, store_op::complete, store_op::requeue, store_op::fail>;

/// What others do to a job that is not final.
template <class T>
concept job_change = one_of<T, store_op::cancel, store_op::prioritize, store_op::make_available>;

/// What takes a final job out of the store.
template <class T>
concept removal = one_of<T, store_op::drop, store_op::erase>;

/// What looks after the store as a whole, not after one job.
template <class T>
concept maintenance = one_of<T, store_op::reclaim, store_op::purge, store_op::verify_indexes>;

/// Stands for an operation that nobody has heard of: a handler asserts that it does not take it.
struct unknown_operation {};

}  // namespace stayler::adapters
