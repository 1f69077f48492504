// SPDX-License-Identifier: MIT
#pragma once

#include "actors/queue/job_notice_sender.hpp"
#include "actors/queue/queue_context.hpp"
#include "messages/jobs/retry.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace stayler::actors {

/// When a job runs again whose worker was lost.
enum class crash_retry : std::uint8_t {
  after_delay,  ///< after WORKER_RETRY_DELAY
  at_once,
  never,  ///< it is known to be to blame
};

/// Ends attempts: writes to the store what becomes of the job, and reports it once the store has
/// it. Every lease that this queue gives ends here, but for those of cancelled jobs.
///
///   complete ------------------------------------------> completed
///   fail, crash --> retry scheduler decides --> retry --> scheduled, or pending
///                                           --> no -----> failed: a dead letter
///   hand_back -----------------------------------------> pending
///
/// What is retried, when, and how often is decided in policies/retry/retry_policy.hpp; the retry
/// scheduler then applies the retry budget. Three cases are decided here: the jobs of a lost node
/// wait for nothing, a job that took its process down alone is a dead letter, and where the
/// scheduler is silent the same policy decides without the budget, WORKER_RETRY_DELAY at least.
class attempt_completer {
 public:
  /// Called when an attempt's end is in the store, with the error if it is not.
  using on_written = std::function<void(const failure&)>;

  attempt_completer(queue_context& context, job_notice_sender& notices)
      : context_(context), notices_(notices) {}

  /// The attempt ended as its worker says.
  void end(const job& attempted, const attempt_outcome& outcome, on_written done);

  /// The attempt's worker was lost: a crash is counted.
  void crash(const job& attempted, const failure& error, crash_retry when);

  /// The attempt comes back unfinished: it costs the job nothing, and the job may run again now.
  void hand_back(const job& unfinished, on_written done);

  /// True where no attempt's end is on its way into the store.
  [[nodiscard]] bool is_idle() const noexcept { return unwritten_ == 0; }

 private:
  struct failed_attempt {
    job attempted;
    failure error;
    adapters::store_op::end_of_lease cause;
    crash_retry when = crash_retry::after_delay;
    on_written done;
  };

  void decide(std::shared_ptr<failed_attempt> ended);
  void write_decision(const failed_attempt& ended, const retry_decision& decision);
  /// Writes how an attempt ends; the store's word is reported as an event of that kind.
  void write(
      adapters::store_change change, job_event_kind kind, error_class error, on_written done
  );

  queue_context& context_;
  job_notice_sender& notices_;
  std::size_t unwritten_ = 0;
};

}  // namespace stayler::actors
