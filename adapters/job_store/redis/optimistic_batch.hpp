// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/redis/redis_queue.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace stayler::adapters {

/// True for what takes reading before writing over many jobs, and so is done by itself
/// (redis_maintenance.hpp).
bool is_maintenance(const store_change& change);

/// Where the next round of a batch ends: a change may not be about a job that an earlier one of
/// its round may change, since all of a round are decided on what was read before it.
std::size_t conflict_free_prefix(std::span<const store_change> batch, std::size_t begin);

/// Decides the changes from `begin` to `end`, none of them a survey, on one reading of their jobs,
/// and has the script apply them; those that another coordinator was quicker than are decided anew.
/// Where the connection breaks at the first attempt the replies of this round are not known; where
/// it breaks later, only those that had to be decided anew fail.
void_result perform_optimistic_batch(
    redis_queue& queue,
    std::span<const store_change> batch,
    std::size_t begin,
    std::size_t end,
    std::vector<store_reply>& replies
);

}  // namespace stayler::adapters
