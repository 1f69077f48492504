// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/store_op.hpp"
#include "messages/base/result.hpp"
#include "messages/jobs/job.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/service/status.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// What bounds the work of one call, the same for all stores: a store serves one call at a time, so
// that no call may take long.
namespace stayler::adapters {

/// Scheduled jobs that become pending, jobs that a purge removes and expired leases that are
/// reported, at a time. A caller that gets as many calls again.
inline constexpr std::size_t jobs_per_pass = 1'000;

/// Jobs that a listing looks at for one page. Where few of them match, the page is shorter than its
/// limit and still names a next one.
inline constexpr std::size_t scan_limit = 10'000;

inline constexpr std::array<job_status, 6> all_statuses{
    job_status::pending,   job_status::scheduled, job_status::processing,
    job_status::completed, job_status::failed,    job_status::cancelled};

inline constexpr std::array<job_type, 2> all_types{
    job_type::image_conversion, job_type::image_processing};

/// rate_limited where so many wait already: in all, or of one user.
failure check_room(const job_counts& counts, std::uint64_t max_waiting);
failure check_room_of_user(
    const std::string& user, std::uint64_t waiting, std::uint64_t max_waiting
);

/// How many final jobs are beyond the bound: completed and cancelled ones, or dead letters.
std::uint64_t surplus_finished(const job_counts& counts, const store_op::purge& change) noexcept;
std::uint64_t surplus_dead(const job_counts& counts, const store_op::purge& change) noexcept;

inline std::size_t page_limit(const job_filter& filter) noexcept {
  return std::clamp<std::size_t>(filter.limit, 1, 500);
}

/// True where the list is empty or holds the value.
template <class T>
bool is_wanted(const std::vector<T>& wanted, T value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

inline bool matches(const job& j, const job_filter& filter) {
  return is_wanted(filter.statuses, j.status) && is_wanted(filter.types, j.request.type)
         && (filter.user_id.empty() || filter.user_id == j.request.user_id)
         && (filter.conversion_id.empty() || filter.conversion_id == j.request.conversion_id)
         && is_wanted(filter.errors, j.error.kind);
}

inline failure no_such_job(const job_id& id) {
  return {error_class::not_found, "there is no job " + to_string(id)};
}

inline failure conversion_in_flight(const job& j) {
  return {
      error_class::conflict, "job " + to_string(j.id)
                                 + " cannot be retried: another job for conversion "
                                 + j.request.conversion_id + " is in flight"};
}

/// The answer to a lease's holder whose job was removed meanwhile.
inline failure no_such_lease(const attempt_id& attempt) {
  return {error_class::conflict, "the job of attempt " + to_string(attempt) + " is gone"};
}

}  // namespace stayler::adapters
