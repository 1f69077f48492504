// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/redis/redis_queue_client.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// Where the part of a batch ends that can be decided on one reading: a change may not be about a
/// job that an earlier one of its part may change.
std::size_t conflict_free_prefix(std::span<const store_change> batch, std::size_t begin);

/// Optimistic concurrency: reads the jobs that the changes are about, decides each change by the
/// rules of job_transitions.hpp, and has the script write those jobs that nobody else has changed
/// meanwhile (compare-and-set); the others are read and decided again, a few times.
///
/// The changes are those of a conflict_free_prefix, none of them maintenance; `replies` are theirs.
/// Where the connection breaks at the first attempt it is not known which of them took place. Where
/// it breaks later, only those that had to be decided again fail.
void_result perform_optimistic_batch(
    redis_queue_client& queue, std::span<const store_change> changes, std::span<store_reply> replies
);

}  // namespace stayler::adapters
