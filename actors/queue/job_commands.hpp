// SPDX-License-Identifier: MIT
#pragma once

#include "actors/queue/job_notice_sender.hpp"
#include "actors/queue/leases/lease_recovery.hpp"
#include "actors/queue/queue_context.hpp"
#include "actors/queue/run_state.hpp"
#include "messages/jobs/submission.hpp"
#include "messages/jobs/type_pause.hpp"

#include <string>
#include <vector>

namespace stayler::actors {

/// What callers ask of single jobs, and of job types. Everything is answered when the store has it.
class job_commands {
 public:
  job_commands(
      queue_context& context,
      const run_state& run,
      job_notice_sender& notices,
      lease_recovery& recovery
  )
      : context_(context), run_(run), notices_(notices), recovery_(recovery) {}

  caf::result<submit_receipt> submit(job_request& request);
  caf::result<std::vector<submit_answer>> submit_all(std::vector<job_request>& requests);
  caf::result<job> cancel(const job_id& id);
  caf::result<job> prioritize(const job_id& id, precedence over);
  caf::result<job> retry(const job_id& id);
  caf::result<job> drop(const job_id& id);
  caf::result<pause_change> pause(type_pause& wanted);
  caf::result<pause_change> resume(job_type type, std::string& by);

 private:
  [[nodiscard]] caf::error refuse_jobs() const;
  [[nodiscard]] adapters::store_op::enqueue make_enqueue(job_request& request) const;
  /// The receipt for a job that is in the store: a new one, of which others are told, or the one
  /// that was there already.
  submit_receipt accept(adapters::store_reply& reply);
  caf::result<job> change_job(adapters::store_change change);
  caf::result<pause_change> change_pause(adapters::store_change change);

  queue_context& context_;
  const run_state& run_;
  job_notice_sender& notices_;
  lease_recovery& recovery_;
};

}  // namespace stayler::actors
