// SPDX-License-Identifier: MIT
#pragma once

#include "actors/queue/leases/lease_recovery.hpp"
#include "actors/queue/queue_context.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/submission.hpp"

#include <memory>
#include <string>
#include <vector>

namespace stayler::actors {

/// Changes however many jobs match, one page after the other, so that others' changes go in
/// between.
class bulk_job_change {
 public:
  bulk_job_change(queue_context& context, lease_recovery& recovery)
      : context_(context), recovery_(recovery) {}

  /// Retries all dead letters that match. Answered when all pages are through, with the failure
  /// where the store could not be asked: a report would not be true then.
  caf::result<retry_report> retry_all(const job_filter& filter);

  /// Erases a user's final jobs, and cancels the others so that they can be erased next time. The
  /// application, which has asked for it, is told nothing.
  caf::result<erased_jobs> erase_all_of(const std::string& user_id);

  /// Lets the jobs run now that are scheduled since a quota or a budget holds them.
  void make_held_available();

 private:
  struct retry_run;
  struct erase_run;

  void retry_page(const std::shared_ptr<retry_run>& run);
  void retry_jobs(const std::shared_ptr<retry_run>& run, const std::vector<job>& dead);
  void finish_page(const std::shared_ptr<retry_run>& run);
  void erase_page(const std::shared_ptr<erase_run>& run);
  void erase_jobs(const std::shared_ptr<erase_run>& run, const std::vector<job>& jobs);
  void finish_erasing_page(const std::shared_ptr<erase_run>& run);
  void make_page_available(const job_filter& held);

  queue_context& context_;
  lease_recovery& recovery_;
};

}  // namespace stayler::actors
