// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/encryption_keys.hpp"
#include "adapters/encryption/row_report.hpp"
#include "adapters/job_store/job_store.hpp"
#include "adapters/redis/redis_url.hpp"
#include "messages/base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace stayler::adapters {

struct redis_job_store_options {
  redis_options server;
  /// Keys are called {queue}:...; coordinators with the same queue share its jobs.
  std::string queue = "stayler";
  /// Whose clock ends leases. The caller's is for tests, whose time is not that of the day.
  enum class time_source : std::uint8_t { server, caller };
  time_source clock = time_source::server;
  /// How long a coordinator stays the reaper after it last acted as that.
  milliseconds reaper_term{10'000};
  /// What jobs are encrypted with, where there are any (redis_job_encryption.hpp).
  encryption_keys keys{};
};

/// A store in Redis with optimistic concurrency: read, decide, compare-and-set. Transitions are
/// decided here, by the rules of all stores (job_transitions.hpp), and written by a script where
/// nobody else has changed the job meanwhile. What takes the whole queue to decide is decided in
/// the script (lua/): whose turn it is, what counts as a duplicate, how many jobs may wait.
///
/// Redis is 6.2 or newer. Several processes may share a queue; a change on one wakes the others.
/// One of them at a time, the reaper, finds expired leases, purges and verifies indexes; for the
/// others there is nothing to find. Where that one has gone, another takes its place when its term
/// is over. Each change is atomic and is answered when Redis has it: how much of that outlives the
/// end of Redis is for its own configuration (appendfsync) to say. A batch is one pipeline, or a
/// few: where the connection breaks, replies that have come stand, and it is not known which of the
/// other changes took place. A server that is away does not fail the opening: the store connects
/// whenever it is there. Errors: invalid_input, where the server would throw keys away or TLS is
/// not to be had, or the keys do not fit the queue; authentication; permission.
result<std::unique_ptr<job_store>> open_redis_job_store(const redis_job_store_options& options);

/// Encrypts with the current one of `options.keys` what a queue has under an earlier one, beside
/// coordinators that run. Each job is decrypted, and thereby checked; `on_failure` is told of each
/// that cannot be read, and stays as it is. Nothing where the queue is not encrypted.
result<row_report> reencrypt_redis_jobs(
    const redis_job_store_options& options,
    const std::function<void(const failure& why)>& on_failure
);

}  // namespace stayler::adapters
