// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/script_commands.hpp"

namespace stayler::adapters {

namespace {

std::string status_of(const job& j) {
  return std::to_string(static_cast<int>(j.status));
}

/// What its status waits for: its due time, the end of its lease, the end of its retention.
std::string time_of(const job& j) {
  const timestamp at = j.status == job_status::scheduled    ? j.due_at
                       : j.status == job_status::processing ? j.lease_expires_at
                                                            : j.completed_at;
  return std::to_string(at.time_since_epoch().count());
}

}  // namespace

std::vector<std::string> redis_intake(const stored_job& stored, std::uint64_t max_waiting) {
  const job& j = stored.value;
  const job_request& request = j.request;
  return {
      "E",
      redis_id(j.id),
      pack_redis_job({1, stored}),
      status_of(j),
      redis_line(stored),
      time_of(j),
      redis_digest(request.user_id, request.idempotency_key),
      redis_digest(request.user_id, request.conversion_id),
      std::to_string(max_waiting)};
}

std::vector<std::string> redis_update(const redis_job& before, const stored_job& after) {
  const job& was = before.stored.value;
  const job& is = after.value;
  job_counts change;
  count_transition(change, was.status, is);
  return {
      "U",
      redis_id(is.id),
      std::to_string(before.version),
      pack_redis_job({before.version + 1, after}),
      status_of(was),
      redis_line(before.stored),
      status_of(is),
      redis_line(after),
      time_of(is),
      redis_digest(is.request.user_id, is.request.conversion_id),
      std::to_string(change.completed_job_time.count()),
      std::to_string(change.last_finished_at.time_since_epoch().count()),
      std::to_string(change.ambiguous_calls)};
}

std::vector<std::string> redis_removal(const redis_job& removed) {
  const job& j = removed.stored.value;
  return {
      "X", redis_id(j.id), std::to_string(removed.version), status_of(j),
      redis_digest(j.request.user_id, j.request.idempotency_key)};
}

std::vector<std::string> redis_check(const redis_job& checked) {
  const job& j = checked.stored.value;
  return {
      "K",
      redis_id(j.id),
      std::to_string(checked.version),
      status_of(j),
      redis_line(checked.stored),
      time_of(j)};
}

}  // namespace stayler::adapters
