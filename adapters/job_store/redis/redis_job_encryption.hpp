// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/encryption_keys.hpp"
#include "adapters/encryption/row_cipher.hpp"
#include "adapters/job_store/redis/redis_job_store.hpp"
#include "adapters/job_store/redis/redis_queue_client.hpp"
#include "messages/base/result.hpp"

// What of a job is encrypted in Redis: its body, for its id; the user in names of flows is a
// pseudonym, and digests are made of pseudonyms. In the clear stay the job's id, version, state,
// priority and type, names of workers, and times.
namespace stayler::adapters {

/// The cipher of a queue. Its key for pseudonyms lies in {queue}:pseudonyms, under the current
/// encryption key. Who first comes with keys makes it; whoever comes before all jobs of the queue
/// are encrypted takes part in that. Coordinators without keys must be gone by then.
///
/// invalid_input where the keys do not fit: there are none, and the queue is encrypted; or it is
/// not, and the keys do not take what is plain. unavailable where Redis is, or where the key is
/// missing that it was last encrypted with.
result<row_cipher> open_redis_cipher(redis_queue_client& queue, const encryption_keys& keys);

/// Keeps the queue's key for pseudonyms under the current encryption key.
void_result rewrap_redis_key(redis_queue_client& queue, const encryption_keys& keys);

}  // namespace stayler::adapters
