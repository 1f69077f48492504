// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/base/time.hpp"
#include "messages/base/uuid.hpp"
#include "messages/jobs/attempt.hpp"
#include "messages/jobs/job_request.hpp"
#include "messages/jobs/job_result.hpp"
#include "messages/jobs/job_state.hpp"
#include "messages/jobs/provider_call.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stayler {

/// A job as the store keeps it and the API shows it.
struct job {
  job_id id;
  job_request request;
  job_status status = job_status::pending;
  fencing_token token{};            ///< of the last lease
  std::uint32_t failures = 0;       ///< attempts that failed by the job's own fault
  std::uint32_t interruptions = 0;  ///< leases handed back unfinished; they cost the job nothing
  std::uint32_t crashes = 0;        ///< leases whose worker was lost
  bool possibly_billed = false;     ///< cancelled when a call may have been billed
  failure error;                    ///< of the last attempt that was not just handed back
  job_progress progress;
  std::vector<attempt_record> attempts;  ///< the latest attempts, latest last
  job_result result;
  std::string worker_id;       ///< who holds or last held the lease
  timestamp due_at;            ///< when a scheduled job may run
  timestamp lease_expires_at;  ///< not set unless processing
  timestamp created_at;
  timestamp updated_at;
  timestamp started_at;               ///< of the last attempt
  timestamp completed_at;             ///< when it became final
  std::vector<provider_call> calls;   ///< the ledger, latest last
  std::uint32_t ambiguous_calls = 0;  ///< since it was accepted or last retried by hand

  friend bool operator==(const job&, const job&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job& x) {
  return f(
      x.id, x.request, x.status, x.token, x.failures, x.interruptions, x.crashes, x.possibly_billed,
      x.error, x.progress, x.attempts, x.result, x.worker_id, x.due_at, x.lease_expires_at,
      x.created_at, x.updated_at, x.started_at, x.completed_at, x.calls, x.ambiguous_calls
  );
}

/// The attempt that holds, or last held, the job's lease.
inline attempt_id current_attempt(const job& j) {
  return {j.id, j.token};
}

}  // namespace stayler
