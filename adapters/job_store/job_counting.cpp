// SPDX-License-Identifier: MIT
#include "adapters/job_store/job_counting.hpp"

#include <algorithm>

namespace stayler::adapters {

std::uint64_t& count_of(job_counts& counts, job_status status) noexcept {
  switch (status) {
    case job_status::pending:
      return counts.pending;
    case job_status::scheduled:
      return counts.scheduled;
    case job_status::processing:
      return counts.processing;
    case job_status::completed:
      return counts.completed;
    case job_status::failed:
      return counts.failed;
    case job_status::cancelled:
      break;
  }
  return counts.cancelled;
}

void count_transition(job_counts& counts, std::optional<job_status> before, const job& after) {
  if (before == after.status) {
    return;
  }
  if (before) {
    --count_of(counts, *before);
  } else {
    ++counts.accepted;
  }
  ++count_of(counts, after.status);
  if (before == job_status::processing && !after.calls.empty()) {
    const provider_call& last = after.calls.back();
    const bool is_lost = last.token == after.token && last.state == call_state::ambiguous;
    counts.ambiguous_calls += is_lost ? 1 : 0;
  }
  if (is_final(after.status)) {
    counts.last_finished_at = std::max(counts.last_finished_at, after.completed_at);
  }
  if (after.status == job_status::completed) {
    // A clock that was set back must not make the sum shrink.
    counts.completed_job_time += std::max(after.completed_at - after.started_at, milliseconds{0});
  }
}

void count_removal(job_counts& counts, job_status status) {
  --count_of(counts, status);
}

void count_waiting(waiting_by_user& waiting, std::optional<job_status> before, const job& after) {
  const bool was_waiting = before && is_waiting(*before);
  if (was_waiting == is_waiting(after.status)) {
    return;
  }
  std::uint64_t& count = waiting[after.request.user_id];
  was_waiting ? --count : ++count;
  if (count == 0) {
    waiting.erase(after.request.user_id);
  }
}

std::uint64_t waiting_of(const waiting_by_user& waiting, const std::string& user) {
  const auto found = waiting.find(user);
  return found == waiting.end() ? 0 : found->second;
}

}  // namespace stayler::adapters
