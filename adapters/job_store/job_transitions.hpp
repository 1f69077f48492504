// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/store_op.hpp"
#include "messages/base/result.hpp"
#include "messages/jobs/job.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// The rules by which a job changes: one place for all stores, free of I/O and of indexes. A
// function either applies the change or says why not, and then has touched nothing.
namespace stayler::adapters {

/// A job and what only the store knows about it.
struct stored_job {
  job value;
  std::string instance_id;  ///< of the process that gave the lease; empty unless processing
  precedence over = precedence::none;  ///< none unless pending
};

/// What a change that was not refused did.
enum class change_effect : std::uint8_t {
  applied,
  repeated,  ///< it had been applied before: the answer was lost, so it is given once more
};

/// The number of attempts, and of calls, that a job's history keeps: the latest.
inline constexpr std::size_t history_limit = 20;

/// Priorities outside 1 to 20 count as the nearest of these.
inline constexpr std::uint32_t lowest_priority = 1;
inline constexpr std::uint32_t highest_priority = 20;

/// A job as it is when it comes in: pending, or scheduled where its start lies ahead. All that only
/// a store may decide (token, counters, history, result) starts from nothing.
stored_job admit(job value, timestamp now);

/// scheduled -> pending, where the job is due.
void make_due(stored_job& stored, timestamp now);

/// pending -> processing: a new token, a new entry in the history.
void give_lease(
    stored_job& stored,
    const std::string& worker,
    const std::string& instance_id,
    milliseconds lease,
    timestamp now
);

/// Why a lease is taken back that a queue of the same instance had given before it was restarted.
inline constexpr std::string_view queue_started_anew = "its queue started anew";

/// A lease that nobody works on, ended from outside: processing -> pending, as an interruption. The
/// job's attempt keeps the reason.
void take_lease_back(stored_job& stored, std::string_view reason, timestamp now);

/// conflict where the attempt no longer holds the job's lease.
result<change_effect> apply(stored_job& stored, const store_op::renew& change, timestamp now);
/// A report that is behind what is known already changes nothing.
result<change_effect> apply(
    stored_job& stored, const store_op::update_progress& change, timestamp now
);
result<change_effect> apply(stored_job& stored, const store_op::open_call& change, timestamp now);
result<change_effect> apply(stored_job& stored, const store_op::settle_call& change, timestamp now);
result<change_effect> apply(stored_job& stored, const store_op::complete& change, timestamp now);
result<change_effect> apply(stored_job& stored, const store_op::requeue& change, timestamp now);
result<change_effect> apply(stored_job& stored, const store_op::fail& change, timestamp now);
result<change_effect> apply(stored_job& stored, const store_op::cancel& change, timestamp now);
result<change_effect> apply(stored_job& stored, const store_op::prioritize& change, timestamp now);
result<change_effect> apply(
    stored_job& stored, const store_op::make_available& change, timestamp now
);
/// Whether the same conversion is in flight again is for the store to know.
result<change_effect> apply(stored_job& stored, const store_op::retry& change, timestamp now);

/// What may not be removed by hand: conflict unless the job is a dead letter,
failure check_removal(const job& j, const store_op::drop& change);
/// or whatever else is final.
failure check_removal(const job& j, const store_op::erase& change);

/// Since when a pending job waits for its turn: nothing touches a job while it is pending. One that
/// was handed back begins anew, or it could pass the others time and again.
inline timestamp waits_since(const job& j) noexcept {
  return j.updated_at;
}

}  // namespace stayler::adapters
