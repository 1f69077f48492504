// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/job_store.hpp"
#include "adapters/job_store/redis/redis_job_value.hpp"
#include "adapters/redis/connection/redis_connection.hpp"
#include "messages/jobs/type_pause.hpp"
#include "messages/service/status.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// All that the store and its script (lua/) say to each other, apart from the jobs themselves
// (redis_job_value.hpp).
//
//   KEYS[1]   the prefix of all keys of the queue: {queue}
//   ARGV      now in ms, or '' for the server's clock; name of the calling coordinator; then any
//             number of commands: a word and its arguments
//   answer    {now, counts (as queue_counts), earliest due time or '', {an answer per command}}
//
// Ids and digests are raw bytes, statuses and types the numbers of their enumerators, times ms
// since the epoch. A flow is redis_flow(), a value pack_redis_job(). `at` is what a job's status
// waits for: its due time, the end of its lease, or since when it is final.
namespace stayler::adapters {

/// A command's word and its arguments.
using redis_command = std::vector<std::string>;

namespace redis_commands {

/// enqueue: a new job.
///   arguments  id, value, status, flow, at, digest of the idempotency key or '', digest of the
///              conversion or '', how many jobs may wait (0: any number), how many of the user's
///   answer     {ok}
///              {existing, id and value of the earlier job}   the id, the key or the conversion is
///              known
///              {full, number that wait}
///              {user full, number of the user's that wait}
redis_command enqueue(
    const stored_job& stored, const store_op::enqueue& change, const row_cipher& cipher = {}
);

/// update: a job after a transition (compare-and-set). `before` is the job that it was decided on.
///   arguments  id, version before, value after, status before, flow before, status after, flow
///              after, at, digest of the conversion or '', ms to add to the sum of job times, end
///              of the job or 0, ambiguous calls to add
///   answer     {ok}
///              {stale}       the job no longer has that version, or is gone
///              {in flight}   it is final, and another job for its conversion is in flight
redis_command update(
    const redis_job& before, const stored_job& after, const row_cipher& cipher = {}
);

/// remove: a final job and all that the indexes know of it.
///   arguments  id, version, status, digest of the idempotency key or ''
///   answer     {ok} | {stale}
redis_command remove(const redis_job& removed, const row_cipher& cipher = {});

/// claim: leases to as many workers, in order of turns.
///   arguments  length of the lease in ms, instance id, number of workers, workers, number of types
///              to leave out, types, whether others than suspects are left out (1 or 0), whether
///              suspects are
///   answer     {now, 1 where suspects wait that were left out, id, value before the lease ...}, a
///              pair for each worker that gets a job
redis_command claim(const store_op::claim& change);

/// find_expired: leases that have run out, jobs_per_pass at most; none where another is the reaper.
///   arguments  term of the reaper in ms
///   answer     {id, value or nil ...}
redis_command find_expired(milliseconds reaper_term);

/// is_reaper: whether the caller is the reaper, now and for a term; it becomes it where none is.
///   arguments  term in ms
///   answer     {1} | {0}
redis_command is_reaper(milliseconds reaper_term);

/// resign: the caller is no longer the reaper.
///   arguments  none
///   answer     {ok}
redis_command resign();

// A pause in Redis is the time since when, which the script keeps, ':', and the record: the rest of
// it as bytes (byte_codec.hpp). Empty text: an earlier version has paused the type, and no more is
// known.

/// pause: a type, in place of an earlier pause.
///   arguments  type, its end or 0, record
///   answer     {pause before or nil, pause after}
redis_command pause(const store_op::pause& change);

/// resume: a type.
///   arguments  type
///   answer     {pause before or nil}
redis_command resume(const store_op::resume& change);

/// count_stale: one more report was refused because its lease had moved on.
///   arguments  none
///   answer     {ok}
redis_command count_stale();

/// verify: whether the indexes have the job; repairs them, and counts that, where they have not.
///   arguments  id, version, status, flow, at
///   answer     {ok} | {stale}
redis_command verify(const redis_job& checked, const row_cipher& cipher = {});

/// set_aside: a job under lease whose value cannot be read becomes a dead letter as it is.
///   arguments  id, version
///   answer     {ok} | {stale}
redis_command set_aside(const job_id& id, std::uint32_t version);

/// replace: a value by another one of the same job (compare-and-set).
///   arguments  id, value before, value after
///   answer     {ok} | {stale}
redis_command replace(std::string_view id, std::string_view before, std::string_view after);

/// encrypt: a value that is not encrypted by one that is, with all that the indexes have of its
/// job.
///   arguments  id, value before, value after, status, flow before, flow after, at, digests of the
///              idempotency key before and after, digests of the conversion before and after
///   answer     {ok} | {stale}
redis_command encrypt(
    const redis_job& plain,
    std::string_view before,
    std::string_view after,
    const row_cipher& cipher
);

/// verify_users: whether the numbers of jobs that wait of each user are right; repairs them, and
/// counts that, where they are not. Does nothing where so many wait that it would take long.
///   arguments  none
///   answer     {ok}
redis_command verify_users();

/// list: the jobs of a set (":all", ":failed") below an id, or from the end where that is empty,
/// newest first.
///   arguments  set, id or '', how many at most
///   answer     {id, value or nil, id, ...}
redis_command list(std::string_view set, std::string_view below, std::size_t limit);

/// list_finished: the final jobs of a status that ended by then, oldest first.
///   arguments  status, time, how many at most
///   answer     {id, value or nil ...}
redis_command list_finished(job_status status, timestamp by, std::size_t limit);

/// waiting: what waits, and what is held back.
///   arguments  none
///   answer     {id and value of the oldest pending job or nils, {type, pause ...}, 1 where the
///              caller is the reaper}
redis_command waiting();

}  // namespace redis_commands

/// One of the counts that Redis keeps: its field in the hash, and where it belongs.
struct queue_count {
  std::string_view name;
  void (*set)(job_counts& counts, std::int64_t value);
};

/// In the order in which the script answers with them; those of the states first, in their order.
extern const std::array<queue_count, 12> queue_counts;

/// How the queue stands after a run of the script.
struct queue_state {
  timestamp now;
  job_counts counts;
  timestamp next_due;                      ///< of a scheduled job, or the next end of a pause
  std::vector<type_pause> ended_pauses{};  ///< by this run
};

/// A pause as Redis has it; what cannot be read is a pause of which no more is known.
type_pause read_redis_pause(job_type type, std::string_view pause);

/// The reply that an answer to `pause` or `resume` makes.
store_reply read_pause_change(job_type type, redis_value answer);

/// {type, pause ...}, by type.
std::vector<type_pause> read_redis_pauses(redis_value pairs);

queue_state read_queue_state(redis_value answer);

/// The answers to the commands of a run.
inline redis_value answers_of(redis_value answer) {
  return answer[3];
}

}  // namespace stayler::adapters
