// SPDX-License-Identifier: MIT
#pragma once

#include "actors/queue/queue_context.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/submission.hpp"

#include <memory>
#include <vector>

namespace stayler::actors {

/// Changes however many jobs match, one page after the other, so that others' changes go in
/// between.
class bulk_job_change {
 public:
  explicit bulk_job_change(queue_context& context) : context_(context) {}

  /// Retries all dead letters that match. Answered when all pages are through, with the failure
  /// where the store could not be asked: a report would not be true then.
  caf::result<retry_report> retry_all(const job_filter& filter);

  /// Lets the jobs run now that are scheduled since a quota or a budget holds them.
  void make_held_available();

 private:
  struct retry_run;

  void retry_page(const std::shared_ptr<retry_run>& run);
  void retry_jobs(const std::shared_ptr<retry_run>& run, const std::vector<job>& dead);
  void finish_page(const std::shared_ptr<retry_run>& run);
  void make_page_available(const job_filter& held);

  queue_context& context_;
};

}  // namespace stayler::actors
