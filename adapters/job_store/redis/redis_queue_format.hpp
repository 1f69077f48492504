// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/redis/redis_queue_client.hpp"
#include "messages/base/result.hpp"

// In which form a queue in Redis is. {queue}:format has the form's number, and that of the earliest
// form whose programs can work on it.
namespace stayler::adapters {

/// Redis has no schema. What counts as a step: another key, another value of one, other indexes, or
/// a script that leaves them otherwise. A field that is appended to a job is none.
/// Form 2 has the ends of pauses, and who paused why, beside the set of paused types.
inline constexpr std::int64_t redis_queue_form = 2;
/// See schema_steps::oldest_reader().
inline constexpr std::int64_t oldest_reader_of_redis_queue = 1;

/// Checks that this program can work on the queue, and notes its own form where that is the later
/// one. invalid_input where a later release has made of it what takes its programs. A server that
/// takes no writes now hinders nobody.
void_result check_redis_queue_format(redis_queue_client& queue);

}  // namespace stayler::adapters
