// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"
#include "messages/service/status.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

// What transitions do to the counts that a store keeps.
namespace stayler::adapters {

/// The count of the jobs in that state.
std::uint64_t& count_of(job_counts& counts, job_status status) noexcept;

/// Carries one transition into the counts; `before` is nothing for a new job.
void count_transition(job_counts& counts, std::optional<job_status> before, const job& after);

/// Takes a removed job out of the counts of states.
void count_removal(job_counts& counts, job_status status);

/// How many jobs of each user wait; users of whom none does are not in it.
using waiting_by_user = std::unordered_map<std::string, std::uint64_t>;

/// The same as count_transition, for the user of the job.
void count_waiting(waiting_by_user& waiting, std::optional<job_status> before, const job& after);

std::uint64_t waiting_of(const waiting_by_user& waiting, const std::string& user);

}  // namespace stayler::adapters
